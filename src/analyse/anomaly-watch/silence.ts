// Missing data: a thing that should be measured is not, although its node answers us. When the node does not answer, that
// is the problem, and its guests are not told one by one.
import type { EntityId } from "../../model/ids.ts";
import { gapSteps } from "../anomaly/index.ts";
import type { SeriesStore } from "../context.ts";
import type { Subject, Subjects } from "./subjects.ts";
import { pulseOf, type WatchedMetric } from "./watched-metrics.ts";
import { fineStepMs, type WatchedSeries } from "./watched-series.ts";

/** How old the newest answer of a target may be to count as "it answers". */
const freshMs = 300_000;

export interface Silence {
  readonly subject: Subject;
  readonly metric: WatchedMetric;
  /** End of the last row that was measured (epoch milliseconds). */
  readonly fromMs: number;
}

export interface SilenceQuestion {
  readonly store: Pick<SeriesStore, "latest">;
  readonly nowMs: number;
  /** Rows up to here are complete. */
  readonly toMs: number;
  readonly subjects: Subjects;
  readonly series: WatchedSeries;
}

/** Of series watched on rows of five minutes: more than three rows without a value. */
export async function findSilences(question: SilenceQuestion): Promise<readonly Silence[]> {
  const { store, nowMs, toMs, subjects, series } = question;
  const silent = [...subjects.values()].flatMap((subject): readonly Silence[] => {
    const metric = subject.isOn && subject.kind !== "target" ? pulseOf(subject.kind) : undefined;
    const watch = metric === undefined ? undefined : series.of(metric).get(subject.id);
    if (metric === undefined || watch === undefined || watch.stepMs !== fineStepMs) return [];
    const fromMs = watch.lastMs + watch.stepMs;
    return toMs - fromMs > gapSteps * watch.stepMs ? [{ subject, metric, fromMs }] : [];
  });
  if (silent.length === 0) return [];
  const targets = await store.latest("target", nowMs - freshMs);
  const answers = new Set(targets.flatMap(({ id, values }) => (values["up"] === 1 ? [id] : [])));
  return silent.filter(({ subject }) => answers.has(targetOf(subject)));
}

function targetOf({ cluster, kind, name, node }: Subject): EntityId {
  return `${cluster}/target/${kind === "node" ? name : (node ?? "@cluster")}`;
}
