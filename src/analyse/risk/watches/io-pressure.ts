import type { EntityId } from "../../../model/ids.ts";
import type { SeriesFrame } from "../../../model/store.ts";
import type { AnalysisContext } from "../../context.ts";
import { clusterOf, nameOf } from "../clusters.ts";
import { readFrames } from "../read-points.ts";
import { defineRule, looked } from "../rule.ts";
import { judgePressure, lookBackMs, type Pressed, stepMs } from "../rules/io-pressure.ts";

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
    const kinds = [await pressedOf(context, "node"), await pressedOf(context, "guest")];
    const judged = kinds.flatMap(({ pressed }) => pressed.map((each) => judgePressure(each, context.nowMs)));
    // Those that the sieve let pass by are watched as well.
    const calm = kinds.reduce((sum, { measured, pressed }) => sum + measured - pressed.length, 0);
    return looked([...judged, ...Array.from({ length: calm }, () => [])]);
  },
});

async function pressedOf({ fleet, store, nowMs }: AnalysisContext, kind: "node" | "guest") {
  const ids = fleet.list(kind).flatMap(({ entity }) => (entity.kind === "guest" && entity.template ? [] : [entity.id]));
  const window = { metric, fromMs: nowMs - lookBackMs, toMs: nowMs } as const;
  const { rows } =
    ids.length === 0 ? { rows: [] } : await store.quantiles({ ids: ids.slice(0, mostIds), ...window, ps: [sieve.p] });
  const suspects = rows.filter(({ values }) => (values[0] ?? 0) > sieve.percent).map(({ id }) => id);
  const frames = await readFrames(store, { ids: suspects, ...window, aggregation: "avg", stepMs });
  return { measured: rows.length, pressed: frames.map((frame) => pressedFrom({ fleet }, kind, frame)) };
}

function pressedFrom(view: Pick<AnalysisContext, "fleet">, kind: "node" | "guest", frame: SeriesFrame): Pressed {
  const id: EntityId = frame.id;
  const stretches = frame.timeMs.flatMap((atMs, place) => {
    const percent = frame.values[place] ?? null;
    // A bucket of five minutes that came of one-minute points is whole; a coarser point is as long as it says.
    const lengthMs = Math.max(stepMs, 1000 * (frame.resolutionS[place] ?? 0));
    return percent === null ? [] : [{ atMs, lengthMs, percent }];
  });
  return { cluster: clusterOf(id), subject: id, name: nameOf(view, id), kind, stretches };
}
