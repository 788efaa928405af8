// Reads the history behind the outlook: totals of all guests, each node, each storage.
import type { CapacityOutlook, SeriesOutlook } from "../../model/capacity.ts";
import type { FleetView } from "../../model/fleet.ts";
import { clusterEntityId, type EntityId } from "../../model/ids.ts";
import type { Aggregation, MetricId } from "../../model/metrics.ts";
import type { SeriesStore } from "../context.ts";
import { type ClusterSupply, coresInUse, type NodeSupply, nodeMemoryDemand } from "../supply/index.ts";
import { dayMs, outlookOfDays, outlookOfHours, startOfDay } from "./outlook.ts";

const hourMs = 3_600_000;
/** Half a year of hours: two seasons of months, and a question that the store answers in a second. */
const hoursBackMs = 182 * dayMs;
/** Storages grow slowly and are one value a day. */
const daysBackMs = 728 * dayMs;
/** The store takes 200 series a question. */
const atOnce = 100;

export interface HistoryInput {
  readonly store: SeriesStore;
  readonly fleet: Pick<FleetView, "list">;
  readonly supply: ClusterSupply;
  readonly nowMs: number;
}

export async function readOutlook(input: HistoryInput): Promise<CapacityOutlook> {
  const series: Record<string, SeriesOutlook> = {
    cpu: outlookOfHours(await guestHours(input, "cpu_ratio", "cpu_count"), "rate"),
    memory: outlookOfHours(await guestHours(input, memoryMetric(input), null), "bytes"),
  };
  for (const [name, outlook] of await nodeOutlooks(input)) series[name] = outlook;
  for (const [name, outlook] of await storageOutlooks(input)) series[name] = outlook;
  return { fromMs: startOfDay(input.nowMs), series };
}

/** What all guests of the cluster had together, those that are gone included: they were load at their time. */
async function guestHours(
  { store, fleet, supply, nowMs }: HistoryInput,
  metric: MetricId,
  weightBy: MetricId | null,
): Promise<Float64Array> {
  const toMs = startOfDay(nowMs);
  const fromMs = toMs - hoursBackMs;
  const values = new Float64Array(hoursBackMs / hourMs).fill(Number.NaN);
  const ids = fleet
    .list("guest", { gone: true })
    .flatMap(({ entity }) => (entity.cluster === supply.cluster ? [entity.id] : []));
  if (ids.length === 0) return values;
  const { timeMs, sums } = await store.totals({ ids, metric, weightBy, fromMs, toMs, stepMs: hourMs });
  for (const [place, ms] of timeMs.entries()) values[(ms - fromMs) / hourMs] = sums[place] ?? Number.NaN;
  return values;
}

/** From PVE 9 on the host says what a guest costs it; one metric for all hours, or the change would look like growth. */
function memoryMetric({ fleet, supply }: HistoryInput): MetricId {
  const told = fleet
    .list("guest")
    .some(({ entity, values }) => entity.cluster === supply.cluster && values["mem_host_bytes"] !== undefined);
  return told ? "mem_host_bytes" : "mem_used_bytes";
}

async function nodeOutlooks({
  store,
  supply,
  nowMs,
}: HistoryInput): Promise<readonly (readonly [string, SeriesOutlook])[]> {
  const toMs = startOfDay(nowMs);
  const span = { fromMs: toMs - hoursBackMs, toMs, stepMs: hourMs };
  const found: (readonly [string, SeriesOutlook])[] = [];
  const nodes = supply.nodes.filter(({ online }) => online);
  const ids = nodes.map(({ id }) => id);
  const cpu = await readSeries(store, ids, "cpu_ratio", { ...span, aggregation: "avg" });
  const used = await readSeries(store, ids, "mem_used_bytes", { ...span, aggregation: "avg" });
  const arc = await readSeries(store, ids, "arc_size_bytes", { ...span, aggregation: "avg" });
  for (const node of nodes) {
    const { entity, id } = node;
    const [ratios, bytes] = [cpu.get(id), used.get(id)];
    if (ratios !== undefined) found.push([`node/${entity.name}/cpu`, outlookOfHours(coresOf(node, ratios), "rate")]);
    if (bytes === undefined) continue;
    found.push([`node/${entity.name}/memory`, outlookOfHours(demandOf(node, bytes, arc.get(id)), "bytes")]);
  }
  return found;
}

function coresOf({ cpu }: NodeSupply, ratios: Float64Array): Float64Array {
  if (cpu === null) return ratios.map(() => Number.NaN);
  return ratios.map((ratio) => (Number.isNaN(ratio) ? ratio : coresInUse(cpu, ratio * cpu.threads)));
}

/** Memory in use without what the ARC would give back. */
function demandOf({ memoryBytes }: NodeSupply, used: Float64Array, arc: Float64Array | undefined): Float64Array {
  return used.map((bytes, hour) => {
    const size = arc?.[hour] ?? Number.NaN;
    const values = {
      mem_used_bytes: bytes,
      mem_total_bytes: memoryBytes,
      arc_size_bytes: Number.isNaN(size) ? null : size,
    };
    return Number.isNaN(bytes) ? bytes : (nodeMemoryDemand(values).bytes ?? Number.NaN);
  });
}

async function storageOutlooks(input: HistoryInput): Promise<readonly (readonly [string, SeriesOutlook])[]> {
  const { store, supply, nowMs } = input;
  const toMs = startOfDay(nowMs);
  const span = { fromMs: toMs - daysBackMs, toMs, stepMs: dayMs, aggregation: "avg" as const };
  const plain = supply.storages.filter((backing) => backing.kind !== "ceph");
  const measured = plain.map((backing) => [backing, backing.storages[0] ?? ""] as const);
  const used = await readSeries(
    store,
    measured.map(([, id]) => id),
    "used_bytes",
    span,
  );
  const found = measured.flatMap(([{ backing }, id]) => {
    const days = used.get(id);
    return days === undefined ? [] : [[`storage/${backing}`, outlookOfDays(days, "bytes")] as const];
  });
  return [...found, ...(await cephOutlook(input, span))];
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly aggregation: Aggregation;
}

/** Ceph tells what is stored for all device classes together; with several nobody knows whose growth it is. */
async function cephOutlook(
  { store, supply }: HistoryInput,
  span: Span,
): Promise<readonly (readonly [string, SeriesOutlook])[]> {
  const [only, another] = supply.storages.filter(({ kind }) => kind === "ceph");
  if (only === undefined || another !== undefined || !only.backing.startsWith("ceph:own")) return [];
  const id = clusterEntityId(supply.cluster);
  const days = (await readSeries(store, [id], "ceph_stored_bytes", span)).get(id);
  return days === undefined ? [] : [[`storage/${only.backing}`, outlookOfDays(days, "bytes")]];
}

/** On the grid of the step; a point that stands for more than a step says nothing of the single steps. */
async function readSeries(
  store: SeriesStore,
  ids: readonly EntityId[],
  metric: MetricId,
  span: Span,
): Promise<ReadonlyMap<EntityId, Float64Array>> {
  const { fromMs, toMs, stepMs } = span;
  const found = new Map<EntityId, Float64Array>();
  for (let place = 0; place < ids.length; place += atOnce) {
    const { frames } = await store.range({ ids: ids.slice(place, place + atOnce), metric, ...span });
    for (const { id, timeMs, values, resolutionS } of frames) {
      const grid = new Float64Array((toMs - fromMs) / stepMs).fill(Number.NaN);
      for (const [at, ms] of timeMs.entries()) {
        const value = values[at] ?? null;
        if (value !== null && 1000 * (resolutionS[at] ?? 0) <= stepMs) grid[Math.floor((ms - fromMs) / stepMs)] = value;
      }
      found.set(id, grid);
    }
  }
  return found;
}
