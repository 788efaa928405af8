// Reads pressure of the last day: percentiles of all tell who is looked at in five-minute means.
import { nodeEntityId } from "../../../model/ids.ts";
import type { SeriesFrame } from "../../../model/store.ts";
import type { AnalysisContext } from "../../context.ts";
import { clusterOf, nameOf } from "../clusters.ts";
import { readFrames } from "../read-points.ts";
import { defineRule } from "../rule.ts";
import { judgePressures, lookBackMs, type Pressed, stepMs } from "../rules/io-pressure.ts";

const metric = "psi_io_full_percent";
/** Fifteen minutes are 1.04 % of a day; whose 98th percentile is below the threshold has none, or little more. */
const sieve = { p: 0.98, percent: 10 } as const;
/** The store takes so many ids in one question about percentiles. */
const mostIds = 20_000;

export const ioPressure = defineRule({
  id: "io-pressure",
  title: "I/O pressure",
  summary: "Pressure of I/O (full) of nodes and guests over the last day, on Proxmox VE 9",
  kinds: ["io-pressure"],
  pace: "hourly",
  async look(context) {
    const [nodes, guests] = [await pressedOf(context, "node"), await pressedOf(context, "guest")];
    const findings = judgePressures([...nodes.pressed, ...guests.pressed], context.nowMs);
    return { findings, watched: nodes.measured + guests.measured, waiting: 0, waitingFor: null, readyAt: null };
  },
});

async function pressedOf({ fleet, store, nowMs }: AnalysisContext, kind: "node" | "guest") {
  const ids = fleet.list(kind).flatMap(({ entity }) => (entity.kind === "guest" && entity.template ? [] : [entity.id]));
  if (ids.length === 0) return { measured: 0, pressed: [] };
  const window = { metric, fromMs: nowMs - lookBackMs, toMs: nowMs } as const;
  const { rows } = await store.quantiles({ ids: ids.slice(0, mostIds), ...window, ps: [sieve.p] });
  const suspects = rows.filter(({ values }) => (values[0] ?? 0) > sieve.percent).map(({ id }) => id);
  const frames = await readFrames(store, { ids: suspects, ...window, aggregation: "avg", stepMs });
  return { measured: rows.length, pressed: frames.map((frame) => pressedFrom({ fleet }, frame)) };
}

function pressedFrom(view: Pick<AnalysisContext, "fleet">, frame: SeriesFrame): Pressed {
  const stretches = frame.timeMs.flatMap((atMs, place) => {
    const percent = frame.values[place] ?? null;
    // A bucket of five minutes that came of one-minute points is whole; a coarser point is as long as it says.
    const lengthMs = Math.max(stepMs, 1000 * (frame.resolutionS[place] ?? 0));
    return percent === null ? [] : [{ atMs, lengthMs, percent }];
  });
  const entity = view.fleet.get(frame.id)?.entity;
  const cluster = clusterOf(frame.id);
  const on = entity?.kind === "guest" ? { id: nodeEntityId(cluster, entity.node), name: entity.node } : null;
  return { cluster, subject: frame.id, name: nameOf(view, frame.id), on, stretches };
}
