// The two statements that points are read by, and points from their answers.
import type { EntityId, EntityKind } from "../../../model/ids.ts";
import { averagedField, entityIdOfTags, maximumFieldOf, stepField } from "../../../model/influx-schema.ts";
import type { Aggregation, MetricId } from "../../../model/metrics.ts";
import { addPoint, type Points } from "../../points.ts";
import { imported, rolledFromAverages, rolledFromSamples, rrdMax, weightOf } from "../../tiers.ts";
import type { InfluxSeries } from "./influx-server.ts";
import { anyOf, byIdentity, fromKind, quotedIdentifier, within } from "./influxql.ts";
import { kindOfCode, pointTimeOf } from "./point-time.ts";

/** Points that stand for less are samples, or minutes of PVE. */
const fineBelowS = 300;

export interface PointQuestion {
  readonly kind: EntityKind;
  readonly ids: readonly EntityId[];
  readonly metric: MetricId;
  readonly fromMs: number;
  readonly toMs: number;
  /** Also what PVE says was the highest of an interval. */
  readonly maxima: boolean;
  readonly aggregation?: Aggregation;
}

export function rawStatement(question: PointQuestion, which: "fine" | "coarse"): string {
  const { kind, ids, metric, fromMs, toMs, maxima } = question;
  const fields = [metric, ...(maxima ? [maximumFieldOf(metric)] : [])].map(quotedIdentifier).join(", ");
  const step = `${quotedIdentifier(stepField)} ${which === "fine" ? "<" : ">="} ${fineBelowS}`;
  return `SELECT ${fields} ${fromKind(kind)} WHERE ${anyOf(kind, ids)} AND ${step} AND ${within(fromMs, toMs)} GROUP BY ${byIdentity(kind)}`;
}

/** Returns how many points were added. */
export function addRawPoints(
  answer: readonly InfluxSeries[],
  { kind }: PointQuestion,
  points: Map<EntityId, Points>,
): number {
  let added = 0;
  for (const { tags = {}, values } of answer) {
    const into = points.get(entityIdOfTags(kind, tags) ?? "");
    if (into === undefined) continue;
    for (const [time, value, maximum] of values) {
      const { ms: ts, code } = pointTimeOf(String(time));
      const { origin, stepS } = kindOfCode(code);
      if (typeof value === "number")
        addPoint(into, { ts, stepS, weight: weightOf(stepS), value, origin, derived: imported });
      if (typeof maximum === "number")
        addPoint(into, { ts, stepS, weight: 0, value: maximum, origin: rrdMax, derived: imported });
      added++;
    }
  }
  return added;
}

/** Windows of fine points. The server has no mean by weight, so it tells of what widths the points were. */
export function windowStatement(question: PointQuestion, windowMs: number): string {
  const { kind, ids, metric, fromMs, toMs } = question;
  const [field, step] = [quotedIdentifier(metric), quotedIdentifier(stepField)];
  const columns = [
    `${functionOf(question.aggregation)}(${field}) AS v`,
    `count(${field}) AS n`,
    `min(${step}) AS narrowest`,
    `max(${step}) AS widest`,
    `max(${quotedIdentifier(averagedField)}) AS averaged`,
  ];
  const where = `${anyOf(kind, ids)} AND ${step} < ${fineBelowS} AND ${within(fromMs, toMs)}`;
  return `SELECT ${columns.join(", ")} ${fromKind(kind)} WHERE ${where} GROUP BY time(${windowMs}ms), ${byIdentity(kind)} fill(none)`;
}

/** The sum is made of the mean and the weight, as everywhere. */
function functionOf(aggregation: Aggregation = "avg"): string {
  return aggregation === "avg" || aggregation === "sum" ? "mean" : aggregation;
}

export function addWindows(
  answer: readonly InfluxSeries[],
  { kind }: PointQuestion,
  windowMs: number,
  points: Map<EntityId, Points>,
): void {
  for (const { tags = {}, values } of answer) {
    const into = points.get(entityIdOfTags(kind, tags) ?? "");
    if (into === undefined) continue;
    for (const [time, value, count, narrowest, widest, averaged] of values) {
      if (typeof value !== "number" || typeof time !== "number") continue;
      const isPlain = averaged === null && narrowest === widest;
      const weight = Number(count) * weightOf((Number(narrowest) + Number(widest)) / 2);
      const derived = isPlain ? rolledFromSamples : rolledFromAverages;
      addPoint(into, { ts: time, stepS: windowMs / 1000, weight, value, origin: 0, derived });
    }
  }
}
