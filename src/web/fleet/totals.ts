// What a cluster or the whole fleet adds up to. PVE gives no such numbers; they are sums over nodes, guests and storages.
import type { ClusterItem, FleetItem, GuestItem, NodeItem, StorageItem } from "./item.ts";
import { isRunning, metricOf } from "./measures.ts";

export interface Totals {
  readonly nodes: number;
  readonly nodesOnline: number;
  readonly guests: number;
  readonly guestsRunning: number;
  readonly templates: number;
  readonly storages: number;
  /** CPUs in use and present, of the nodes that are online and say so. */
  readonly cpuUsed: number;
  readonly cpuTotal: number;
  readonly memoryUsed: number;
  readonly memoryTotal: number;
  readonly storageUsed: number;
  readonly storageTotal: number;
  readonly network: number | null;
  readonly diskIo: number | null;
  /** Newest value of any entity, milliseconds since the epoch. */
  readonly newestAt: number | null;
  readonly periodSeconds: number;
}

type Running = { -readonly [Key in keyof Totals]: Totals[Key] };

const nothing: Totals = {
  nodes: 0,
  nodesOnline: 0,
  guests: 0,
  guestsRunning: 0,
  templates: 0,
  storages: 0,
  cpuUsed: 0,
  cpuTotal: 0,
  memoryUsed: 0,
  memoryTotal: 0,
  storageUsed: 0,
  storageTotal: 0,
  network: null,
  diskIo: null,
  newestAt: null,
  periodSeconds: 10,
};

/** Adds up what is there. A shared storage is one item of the API, so that nothing is counted twice. */
export function totalsOf(items: Iterable<FleetItem>): Totals {
  const totals: Running = { ...nothing };
  for (const item of items) {
    if (item.gone_at !== null) continue;
    noteAge(totals, item);
    if (item.kind === "node") addNode(totals, item);
    else if (item.kind === "guest") addGuest(totals, item);
    else if (item.kind === "storage") addStorage(totals, item);
  }
  return totals;
}

function noteAge(totals: Running, item: FleetItem): void {
  const at = item.values_at === null ? Number.NaN : Date.parse(item.values_at);
  if (Number.isNaN(at) || (totals.newestAt !== null && totals.newestAt >= at)) return;
  totals.newestAt = at;
  totals.periodSeconds = item.period_seconds;
}

function addNode(totals: Running, item: NodeItem): void {
  totals.nodes += 1;
  if (item.status !== "online") return;
  totals.nodesOnline += 1;
  const [cpu, count] = [metricOf(item, "cpu_ratio"), metricOf(item, "cpu_count")];
  if (cpu !== null && count !== null) {
    totals.cpuUsed += cpu * count;
    totals.cpuTotal += count;
  }
  const [used, total] = [metricOf(item, "mem_used_bytes"), metricOf(item, "mem_total_bytes")];
  if (used !== null && total !== null) {
    totals.memoryUsed += used;
    totals.memoryTotal += total;
  }
  totals.network = add(totals.network, item, "net_in_bytes_per_second", "net_out_bytes_per_second");
}

function addGuest(totals: Running, item: GuestItem): void {
  if (item.template) {
    totals.templates += 1;
    return;
  }
  totals.guests += 1;
  if (!isRunning(item)) return;
  totals.guestsRunning += 1;
  totals.diskIo = add(totals.diskIo, item, "disk_read_bytes_per_second", "disk_write_bytes_per_second");
}

function addStorage(totals: Running, item: StorageItem): void {
  totals.storages += 1;
  const [used, total] = [metricOf(item, "used_bytes"), metricOf(item, "total_bytes")];
  if (used === null || total === null) return;
  totals.storageUsed += used;
  totals.storageTotal += total;
}

function add(sum: number | null, item: FleetItem, ...metrics: readonly string[]): number | null {
  let result = sum;
  for (const metric of metrics) {
    const value = metricOf(item, metric);
    if (value !== null) result = (result ?? 0) + value;
  }
  return result;
}

/** A cluster with the sums of what it holds among its values, so that it can be shown like a node. */
export function withTotals(cluster: ClusterItem, totals: Totals): ClusterItem {
  const values: Record<string, number> = { ...cluster.values };
  if (totals.cpuTotal > 0)
    Object.assign(values, { cpu_ratio: totals.cpuUsed / totals.cpuTotal, cpu_count: totals.cpuTotal });
  if (totals.memoryTotal > 0)
    Object.assign(values, { mem_used_bytes: totals.memoryUsed, mem_total_bytes: totals.memoryTotal });
  if (totals.storageTotal > 0)
    Object.assign(values, { used_bytes: totals.storageUsed, total_bytes: totals.storageTotal });
  if (totals.network !== null) values["net_in_bytes_per_second"] = totals.network;
  if (totals.diskIo !== null) values["disk_read_bytes_per_second"] = totals.diskIo;
  return { ...cluster, values };
}

/** A node with its guests' disk traffic, which PVE does not count for the node itself. */
export function withGuestIo(node: NodeItem, guests: readonly GuestItem[]): NodeItem {
  const { diskIo } = totalsOf(guests);
  return diskIo === null ? node : { ...node, values: { ...node.values, disk_read_bytes_per_second: diskIo } };
}
