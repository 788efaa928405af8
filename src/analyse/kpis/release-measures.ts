// Nodes that are up to date, as far as facts tell: on a release that gets updates, not behind the others, and running the
// kernel that is installed. What could be updated is not read: it needs a right to change the node.
import type { HeldFact } from "../../model/facts.ts";
import type { EntityId } from "../../model/ids.ts";
import { type Measures, ofNow } from "./given.ts";

/** Proxmox's published end of life of each major release; later ones have none yet. */
const endOfLife: Readonly<Record<string, string>> = { "6": "2022-09-30", "7": "2024-07-31", "8": "2026-08-31" };

export const releaseMeasures: Measures = (given) => {
  if (given.scope.type !== "cluster") return [];
  const packages = packagesByNode(given.facts.list("package"));
  const known = given.usage.supply.nodes.filter(({ entity }) => entity.version !== null);
  const newest = known.map(({ entity }) => entity.version ?? "").reduce(newerOf, "");
  const current = known.filter(
    ({ id, entity }) =>
      isSupported(entity.version ?? "", given.nowMs) &&
      compareVersions(entity.version ?? "", newest) >= 0 &&
      !waitsForRestart(packages.get(id) ?? []),
  );
  return [ofNow("release_posture", { current_nodes: current.length, nodes: known.length })];
};

function packagesByNode(facts: readonly HeldFact[]): ReadonlyMap<EntityId, readonly HeldFact[]> {
  const found = new Map<EntityId, HeldFact[]>();
  for (const fact of facts) found.set(fact.subject, [...(found.get(fact.subject) ?? []), fact]);
  return found;
}

function isSupported(version: string, nowMs: number): boolean {
  const end = endOfLife[version.split(".")[0] ?? ""];
  return end === undefined || nowMs <= Date.parse(`${end}T23:59:59Z`);
}

/** `proxmox-kernel-6.17` is the newest kernel of its series; proxmox-ve tells which one runs ("6.17.9-1-pve"). */
function waitsForRestart(packages: readonly HeldFact[]): boolean {
  const field = (name: string, key: string): string => {
    const fact = packages.find(({ fields }) => fields["package"] === name);
    return typeof fact?.fields[key] === "string" ? fact.fields[key] : "";
  };
  const running = field("proxmox-ve", "running");
  const [series] = /^\d+\.\d+/.exec(running) ?? [];
  const installed = field(`proxmox-kernel-${series ?? ""}`, "version");
  return installed !== "" && !running.startsWith(installed);
}

const newerOf = (a: string, b: string): string => (compareVersions(a, b) >= 0 ? a : b);

/** "9.1.10" is newer than "9.1.9". */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(/[^\d]+/).map(Number)) as [number[], number[]];
  for (let part = 0; part < Math.max(left.length, right.length); part++) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
