// Rows from `/cluster/resources`, for clusters that have no metrics export (before 8.2.5) or do not let us read it.
// The listing gives no time: values may be 10 s old, and up to 5 minutes when a node's pvestatd hangs. A guest or node
// whose volatile values are all the same as in the last poll is taken for stale and gives no row.
import { type EntityId, nodeEntityId, storageEntityId } from "../model/ids.ts";
import { findMetric, memSources } from "../model/metrics.ts";
import type { ClusterResources, GuestRow, NodeRow, StorageRow } from "../pve/index.ts";
import type { Inventory } from "./inventory.ts";
import type { RateTracker } from "./rates.ts";
import type { RowTarget } from "./row-target.ts";

const guestCounters = [
  ["netin", "net_in"],
  ["netout", "net_out"],
  ["diskread", "disk_read"],
  ["diskwrite", "disk_write"],
] as const;
const maxRates = guestCounters.map(([, stem]) => findMetric("guest", `${stem}_bytes_per_second`)?.max ?? 0);

type Values = Readonly<Record<string, number | undefined>>;

export class ResourceRows {
  readonly #cluster: string;
  readonly #inventory: Inventory;
  readonly #rates: RateTracker;
  readonly #last = new Map<EntityId, string>();

  constructor(cluster: string, inventory: Inventory, rates: RateTracker) {
    this.#cluster = cluster;
    this.#inventory = inventory;
    this.#rates = rates;
  }

  /**
   * `ts`: our clock at the time of the answer. `stepS`: time since the previous poll. What `pushing` nodes report comes
   * from them, every ten seconds.
   */
  add(resources: ClusterResources, ts: number, stepS: number, target: RowTarget, pushing: ReadonlySet<string>): void {
    const asked = <T extends { readonly node: string }>(rows: readonly T[]): T[] =>
      rows.filter(({ node }) => !pushing.has(node));
    for (const row of asked(resources.nodes)) this.#addNode(row, ts, stepS, target);
    for (const row of asked(resources.guests)) this.#addGuest(row, ts, stepS, target);
    const seen = new Set<EntityId>();
    for (const row of asked(resources.storages)) this.#addStorage(row, ts, stepS, target, seen);
  }

  #addNode(row: NodeRow, ts: number, stepS: number, target: RowTarget): void {
    if (row.status !== "online") return;
    this.#put("node", nodeEntityId(this.#cluster, row.node), row.node, ts, stepS, target, {
      cpu_ratio: row.cpu,
      cpu_count: row.maxcpu,
      mem_used_bytes: row.mem,
      mem_total_bytes: row.maxmem,
      root_used_bytes: row.disk,
      root_total_bytes: row.maxdisk,
      uptime_seconds: row.uptime,
    });
  }

  #addGuest(row: GuestRow, ts: number, stepS: number, target: RowTarget): void {
    if (row.status === "unknown") return;
    const { id, memSource } = this.#inventory.exportFacts(false).guest(row.vmid, row.type, ts);
    const running = row.status !== "stopped";
    const fixed: Values = {
      running: running ? 1 : 0,
      cpu_count: row.maxcpu,
      mem_total_bytes: row.maxmem,
      disk_total_bytes: row.maxdisk,
    };
    if (!running) {
      this.#put("guest", id, row.node, ts, stepS, target, fixed);
      return;
    }
    const counters = Float64Array.from(guestCounters, ([field]) => row[field] ?? Number.NaN);
    const rates = new Float64Array(counters.length);
    this.#rates.next(id, { node: row.node, ts, uptimeS: row.uptime ?? Number.NaN, counters }, maxRates, rates);
    this.#put("guest", id, row.node, ts, stepS, target, {
      ...fixed,
      cpu_ratio: row.cpu,
      mem_used_bytes: row.mem,
      mem_host_bytes: row.type === "qemu" ? row.memhost : undefined,
      mem_source: memSources.indexOf(memSource),
      // A VM's own file systems are not known to PVE, which says 0.
      disk_used_bytes: row.type === "lxc" ? row.disk : undefined,
      uptime_seconds: row.uptime,
      ...Object.fromEntries(
        guestCounters.flatMap(([, stem], position) => [
          [`${stem}_bytes_total`, counters[position]],
          [`${stem}_bytes_per_second`, rates[position]],
        ]),
      ),
    });
  }

  #addStorage(row: StorageRow, ts: number, stepS: number, target: RowTarget, seen: Set<EntityId>): void {
    const id = storageEntityId(this.#cluster, row.storage, row.shared ? null : row.node);
    if (seen.has(id) || !((row.maxdisk ?? 0) > 0)) return;
    seen.add(id);
    this.#put("storage", id, row.node, ts, stepS, target, { total_bytes: row.maxdisk, used_bytes: row.disk }, false);
  }

  #put(
    kind: "node" | "guest" | "storage",
    id: EntityId,
    node: string,
    ts: number,
    stepS: number,
    target: RowTarget,
    values: Values,
    mayStale = true,
  ): void {
    const present = Object.entries(values).filter(
      (entry): entry is [string, number] => entry[1] !== undefined && inRange(kind, ...(entry as [string, number])),
    );
    const print = JSON.stringify(present);
    // A running thing's uptime grows; the same values twice mean that nobody measured in between.
    if (mayStale && values["uptime_seconds"] !== undefined && this.#last.get(id) === print) return;
    this.#last.set(id, print);
    const builder = target.builder(kind);
    const row = builder.row(id, ts, stepS, "resources", node);
    for (const [metric, value] of present) builder.set(row, metric, value);
  }
}

function inRange(kind: "node" | "guest" | "storage", id: string, value: number): boolean {
  const metric = findMetric(kind, id);
  return metric !== undefined && value >= metric.min && value <= metric.max;
}
