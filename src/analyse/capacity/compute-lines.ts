// CPU and memory of a cluster and of its nodes: what is usable, needed, reserved and left, and for how long.
import type { CapacityLine, CapacityOutlook, SeriesOutlook } from "../../model/capacity.ts";
import { type Amount, type ClusterModel, type ModelNode, nothing, roomOf, sum } from "./cluster-model.ts";
import type { DayEffects } from "./day-effects.ts";
import { outlookSeries } from "./outlook.ts";
import { timeRemaining } from "./time-remaining.ts";
import { usableOf } from "./usable.ts";

export const parts = [
  ["cpu", "cpuCores"],
  ["memory", "memoryBytes"],
] as const;

export interface Peak {
  readonly peak: number | null;
  readonly peakFrom: CapacityLine["peakFrom"];
}

/** Most that is needed in the next three days, before anything a scenario adds. */
export function peakOf(series: SeriesOutlook | null, instead: Peak): Peak {
  if (series !== null && series.none === null)
    return { peak: Math.max(...series.mean.slice(0, 3)), peakFrom: "forecast" };
  const recent = series?.recent?.p95;
  return recent === undefined ? instead : { peak: recent, peakFrom: "p95" };
}

/** `model`: before any change. */
export function clusterLines(
  model: ClusterModel,
  outlook: CapacityOutlook | null,
  effects: DayEffects,
): readonly CapacityLine[] {
  const guests = sum(model.guests.map(({ need }) => need.p95));
  return parts.map(([resource, part]) => {
    const series = outlookSeries(outlook, resource);
    const base = peakOf(series, { peak: guests[part], peakFrom: "p95" });
    const { today, reserved } = effects;
    const usable = usableOf(today.nodes, part);
    const asked = today.need[part] - reserved.need[part];
    const peak = base.peak === null ? null : base.peak * today.growth + asked;
    const time = timeRemaining(
      series,
      (day) => {
        const { nodes, need, growth } = effects.on(day);
        return { usable: usableOf(nodes, part)?.usable ?? 0, extra: need[part], growth };
      },
      base.peak,
    );
    return {
      resource,
      total: usable?.total ?? null,
      reserve: usable?.reserve ?? 0,
      overhead: usable?.overhead ?? 0,
      usable: usable?.usable ?? null,
      peak,
      peakFrom: base.peakFrom,
      mean: series?.recent?.mean ?? null,
      reserved: reserved.need[part],
      remaining: usable === null || peak === null ? null : usable.usable - peak - reserved.need[part],
      time: usable === null ? { state: "none", code: "no_size", reason: "a node does not tell its size" } : time,
      notes: [],
    };
  });
}

/** A node's own need is left out on both sides, so that what remains is what guests may have. */
export function nodeLines(node: ModelNode, load: Amount, outlook: CapacityOutlook | null): readonly CapacityLine[] {
  const room = roomOf(node);
  return parts.map(([resource, part]) => {
    const series = outlookSeries(outlook, `node/${node.name}/${resource}`);
    const measured = peakOf(series, { peak: load[part] + node.host[part], peakFrom: "p95" });
    const peak = Math.max(0, (measured.peak ?? 0) - node.host[part]);
    const usable = room?.[part] ?? null;
    const terms = { usable: usable ?? 0, extra: -node.host[part], growth: 1 };
    return {
      resource,
      total: node.total?.[part] ?? null,
      reserve: 0,
      overhead: (node.total ?? nothing)[part] - (usable ?? 0),
      usable,
      peak,
      peakFrom: measured.peakFrom,
      mean: series?.recent === null || series === null ? null : Math.max(0, series.recent.mean - node.host[part]),
      reserved: 0,
      remaining: usable === null ? null : usable - peak,
      time:
        usable === null
          ? { state: "none", code: "no_size", reason: "the node does not tell its size" }
          : timeRemaining(series, () => terms, measured.peak),
      notes: [],
    };
  });
}
