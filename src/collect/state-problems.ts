// Problems that a cluster's own state tells: quorum, nodes, storages, rights, clocks, a pvestatd that hangs.
import type { CollectorEvent } from "../model/collector.ts";
import { type ClusterId, clusterEntityId, type EntityId, nodeEntityId } from "../model/ids.ts";
import type { NodeEntity, StorageEntity } from "../model/inventory.ts";
import type { RaisedProblem } from "../model/problem.ts";
import { nameOf } from "../pve/index.ts";
import type { RightsVerdict } from "./rights.ts";

/** Beyond this a node's time stamps, tickets and certificates begin to suffer. */
const skewLimitS = 30;

export class StateProblems {
  readonly #cluster: ClusterId;
  readonly #event: (event: CollectorEvent) => void;
  readonly #open = new Map<string, Set<EntityId>>();

  constructor(cluster: ClusterId, event: (event: CollectorEvent) => void) {
    this.#cluster = cluster;
    this.#event = event;
  }

  quorum(quorate: boolean | null): void {
    const subject = clusterEntityId(this.#cluster);
    const problem = {
      subject,
      severity: "critical",
      message: `Cluster ${this.#cluster} has no quorum: nothing can be started, changed or migrated.`,
      remedy: "Bring back enough nodes, or look at corosync on them: `pvecm status`.",
    } as const;
    this.#set("not_quorate", quorate === false ? [problem] : []);
  }

  /** `inactive`: storages that their node exports without a size. The listing shows the last good state for minutes. */
  states(
    nodes: readonly NodeEntity[],
    storages: readonly StorageEntity[],
    inactive: ReadonlySet<EntityId> = new Set(),
  ): void {
    const offline = nodes.filter((node) => node.status === "offline");
    this.#set(
      "node_offline",
      offline.map((node) => ({
        subject: node.id,
        severity: "critical",
        message: `Node ${node.name} is offline: the cluster has lost it.`,
        remedy: "Look at the node's console, power and network.",
      })),
    );
    const hidden = storages.filter(
      (storage) =>
        (storage.status !== "available" || inactive.has(storage.id)) &&
        !offline.some((node) => node.name === storage.node),
    );
    this.#set(
      "storage_unavailable",
      hidden.map((storage) => ({
        subject: storage.id,
        severity: "warning",
        message: `Storage ${storage.name}${storage.node === null ? "" : ` of ${storage.node}`} is ${storage.status === "available" ? "not active" : storage.status}.`,
        remedy: "Check that the storage is mounted and its server answers: `pvesm status`.",
      })),
    );
  }

  rights(verdict: RightsVerdict, missingGuests: number): void {
    const subject = clusterEntityId(this.#cluster);
    const names = verdict.missing.map(nameOf).join(", ");
    const effects = [...new Set(verdict.missing.map(({ without }) => without))].join(" ");
    const missing = {
      subject,
      severity: "warning",
      message: `Our account needs ${names}. ${effects}`,
      remedy: "`pilothouse doctor` prints the lines that give it to the user and to the token.",
    } as const;
    this.#set("privilege_missing", verdict.missing.length > 0 ? [missing] : []);
    const changed = {
      subject,
      severity: "critical",
      message: `The rights of our token have changed, and ${missingGuests} guests are not listed any more: they are taken for hidden, not for deleted.`,
      remedy: "Give the token its role on / again; if it is meant to see less, restart Pilothouse.",
    } as const;
    this.#set("rights_lost", verdict.complete ? [] : [changed]);
  }

  stale(nodes: readonly string[]): void {
    this.#set(
      "samples_stale",
      nodes.map((node) => ({
        subject: nodeEntityId(this.#cluster, node),
        severity: "warning",
        message: `Node ${node} answers, but has measured nothing new for a minute.`,
        remedy: "pvestatd hangs, most often on a storage that does not answer: `systemctl status pvestatd`.",
      })),
    );
  }

  skew(seconds: ReadonlyMap<string, number>): void {
    const off = [...seconds].filter(([, skewS]) => Math.abs(skewS) > skewLimitS);
    this.#set(
      "clock_skew",
      off.map(([node, skewS]) => ({
        subject: nodeEntityId(this.#cluster, node),
        severity: "warning",
        message: `The clock of node ${node} is ${Math.round(Math.abs(skewS))} s ${skewS > 0 ? "ahead of" : "behind"} ours.`,
        remedy: "Check chrony on the node and on the machine that Pilothouse runs on.",
      })),
    );
  }

  /** Raises what is new or reworded, and clears what is no longer in the list. */
  #set(code: string, problems: readonly Omit<RaisedProblem, "code">[]): void {
    const before = this.#open.get(code) ?? new Set();
    const now = new Set(problems.map((problem) => problem.subject));
    for (const problem of problems) this.#event({ type: "problem", problem: { code, ...problem } });
    for (const subject of before) if (!now.has(subject)) this.#event({ type: "problem-cleared", code, subject });
    this.#open.set(code, now);
  }
}
