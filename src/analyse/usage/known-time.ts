// When a cluster was watched at all, and when one of its nodes was lost: in steps of five minutes.
import { type ClusterId, clusterEntityId, targetEntityId } from "../../model/ids.ts";
import type { SeriesStore } from "../context.ts";
import type { NodeSupply } from "../supply/index.ts";
import { readHours, type StepRange } from "./read-hours.ts";

export const fineMs = 300_000;
export const finePerHour = 12;

export interface KnownTime {
  /** Five-minute steps over the hours. */
  readonly fine: StepRange;
  /** 1: an endpoint answered, or a node's samples are there. */
  readonly watched: Uint8Array;
  /** How many nodes the cluster said that it misses. */
  readonly nodesLost: Uint8Array;
}

export async function readKnownTime(
  store: Pick<SeriesStore, "range">,
  cluster: ClusterId,
  nodes: readonly NodeSupply[],
  hours: StepRange,
): Promise<KnownTime> {
  const fine = { fromMs: hours.fromMs, count: hours.count * finePerHour, stepMs: fineMs };
  const target = targetEntityId(cluster, "@cluster");
  const up = (await readHours(store, [target], { metric: "up", aggregation: "max" }, fine)).get(target);
  const samples = await readHours(
    store,
    nodes.map(({ id }) => id),
    { metric: "cpu_ratio", aggregation: "avg", spread: true },
    fine,
  );
  const about = clusterEntityId(cluster);
  const counts = async (metric: string, aggregation: "min" | "max") =>
    (await readHours(store, [about], { metric, aggregation }, fine)).get(about);
  const [online, total] = [await counts("nodes_online", "min"), await counts("nodes_total", "max")];
  const watched = new Uint8Array(fine.count);
  const nodesLost = new Uint8Array(fine.count);
  for (let step = 0; step < fine.count; step++) {
    const answered = up?.[step] === 1 || [...samples.values()].some((column) => !Number.isNaN(column[step]));
    watched[step] = Number(answered);
    nodesLost[step] = Math.max(0, (total?.[step] ?? Number.NaN) - (online?.[step] ?? Number.NaN));
  }
  return { fine, watched, nodesLost };
}

/** Share of each hour that was watched. */
export function watchedShare({ watched }: Pick<KnownTime, "watched">): Float64Array {
  const share = new Float64Array(watched.length / finePerHour);
  for (let hour = 0; hour < share.length; hour++) {
    let steps = 0;
    for (let step = hour * finePerHour; step < (hour + 1) * finePerHour; step++) steps += watched[step] ?? 0;
    share[hour] = steps / finePerHour;
  }
  return share;
}

/** Hours in which a node was lost, and the hour around: what happened to guests in them is looked at step by step. */
export function hoursWithLostNode({ nodesLost }: Pick<KnownTime, "nodesLost">): readonly number[] {
  const hours = new Set<number>();
  const last = nodesLost.length / finePerHour - 1;
  for (let step = 0; step < nodesLost.length; step++) {
    if ((nodesLost[step] ?? 0) === 0) continue;
    const hour = Math.floor(step / finePerHour);
    for (const near of [hour - 1, hour, hour + 1]) if (near >= 0 && near <= last) hours.add(near);
  }
  return [...hours].sort((a, b) => a - b);
}
