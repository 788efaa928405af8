// The one mark before a name: fine, warning, failed, stopped or unknown, with the words that say why.
import type { ClusterItem, FleetItem, GuestItem, NodeItem, ProblemItem, StorageItem } from "./item.ts";
import { cpuOf, diskOf, memoryOf } from "./measures.ts";

export type State = "fine" | "warning" | "failed" | "stopped" | "unknown";

export interface EntityState {
  readonly state: State;
  /** For the tooltip and for those who do not see the mark. */
  readonly words: string;
}

/** An open problem about the entity weighs most, then PVE's own status, then a bar in the red. */
export function stateOf(item: FleetItem, problem: ProblemItem | undefined): EntityState {
  if (problem?.severity === "critical") return { state: "failed", words: problem.message };
  const own = ownState(item);
  if (own.state === "failed" || own.state === "unknown") return own;
  if (problem?.severity === "warning") return { state: "warning", words: problem.message };
  return own.state === "fine" ? (fullBar(item) ?? own) : own;
}

function ownState(item: FleetItem): EntityState {
  switch (item.kind) {
    case "cluster":
      return clusterState(item);
    case "node":
      return nodeState(item);
    case "guest":
      return guestState(item);
    case "storage":
      return storageState(item);
  }
}

function clusterState(item: ClusterItem): EntityState {
  if (item.quorate === false) return { state: "failed", words: "no quorum" };
  const [online, total] = [item.values["nodes_online"], item.values["nodes_total"]];
  if (online !== undefined && total !== undefined && online < total) {
    return { state: "warning", words: `${total - online} of ${total} nodes offline` };
  }
  return { state: "fine", words: item.quorate === true ? "quorate" : "standalone" };
}

function nodeState(item: NodeItem): EntityState {
  if (item.status === "online") return { state: "fine", words: "online" };
  return { state: item.status === "offline" ? "failed" : "unknown", words: item.status };
}

const guestStates: Readonly<Record<string, State>> = {
  running: "fine",
  stopped: "stopped",
  suspended: "stopped",
  paused: "warning",
  prelaunch: "warning",
  "io-error": "failed",
  "internal-error": "failed",
  "guest-panicked": "failed",
};

function guestState(item: GuestItem): EntityState {
  if (item.template) return { state: "stopped", words: "template" };
  const words = item.lock === null ? item.status : `${item.status}, locked: ${item.lock}`;
  return { state: guestStates[item.status] ?? "unknown", words };
}

function storageState(item: StorageItem): EntityState {
  if (item.status === "available" || item.status === "active") return { state: "fine", words: item.status };
  return {
    state: item.status === "inactive" || item.status === "disabled" ? "stopped" : "unknown",
    words: item.status,
  };
}

function fullBar(item: FleetItem): EntityState | null {
  const bars = [
    ["CPU", cpuOf(item)],
    ["memory", memoryOf(item)],
    [item.kind === "node" ? "root file system" : "storage", diskOf(item)],
  ] as const;
  const full = bars.find(([, gauge]) => gauge?.level === "full");
  return full === undefined ? null : { state: "warning", words: `${full[0]} above 90%` };
}

/** The worst open problem of each subject. */
export function problemsBySubject(problems: readonly ProblemItem[]): ReadonlyMap<string, ProblemItem> {
  const worst = new Map<string, ProblemItem>();
  const rank = { critical: 0, warning: 1, info: 2 } as const;
  for (const problem of problems) {
    const known = worst.get(problem.subject);
    if (problem.cleared_at !== null || (known !== undefined && rank[known.severity] <= rank[problem.severity]))
      continue;
    worst.set(problem.subject, problem);
  }
  return worst;
}
