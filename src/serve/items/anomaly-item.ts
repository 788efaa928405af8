// An anomaly as the API shows it.
import { z } from "zod";
import { type AnomalyRecord, anomalyCauses, anomalyReasons } from "../../model/anomalies.ts";
import { parseEntityId } from "../../model/ids.ts";
import { findMetric } from "../../model/metrics.ts";
import { isoTime } from "./time.ts";

const time = z.string().nullable().describe("ISO 8601, UTC");
const inUnit = (what: string) => z.number().nullable().describe(`${what}, in the unit of the metric`);

const NearEventItem = z
  .object({
    at: time,
    ended_at: time,
    topic: z.string(),
    type: z.string(),
    subject: z.string(),
    user: z.string().nullable(),
    state: z.string(),
    text: z.string(),
  })
  .meta({ id: "NearEvent" });

export const AnomalyItem = z
  .object({
    id: z.string(),
    cluster: z.string(),
    subject: z.string().describe("Whose series it is; `id` of GET /api/v1/series"),
    name: z.string(),
    metric: z.string().describe("`field` of GET /api/v1/series"),
    unit: z.string().nullable(),
    reason: z.enum(anomalyReasons),
    step_seconds: z.number().describe("Width of the rows that were judged"),
    from_at: time,
    noticed_at: time.describe("When it was sure; rests on the rows before only"),
    to_at: time.describe("End of the last unusual row; of an open one so far"),
    duration_seconds: z.number(),
    open: z.boolean(),
    score: z.number().nullable().describe("From 0.5 to 1; null for flat lines, gaps and level shifts"),
    peak: inUnit("The value furthest from what was to be expected"),
    peak_at: time,
    expected: inUnit("What was to be expected there"),
    low: inUnit("Least that would have been as ever"),
    high: inUnit("Most that would have been as ever"),
    muted: z.boolean().describe("Has a known cause, or is slight: raises nothing"),
    cause: z.enum(anomalyCauses).nullable(),
    cause_text: z.string().nullable(),
    message: z.string(),
    events: z.array(NearEventItem).describe("What happened within ten minutes, nearest first"),
  })
  .meta({ id: "Anomaly" });
export type AnomalyItem = z.infer<typeof AnomalyItem>;

export function anomalyItem(record: AnomalyRecord): AnomalyItem {
  const ref = parseEntityId(record.subject);
  const { fromMs, noticedMs, toMs, peak, cause, events } = record;
  return {
    id: record.id,
    cluster: ref?.cluster ?? "",
    subject: record.subject,
    name: record.name,
    metric: record.metric,
    unit: ref === undefined ? null : (findMetric(ref.kind, record.metric)?.unit ?? null),
    reason: record.reason,
    step_seconds: record.stepS,
    from_at: isoTime(fromMs),
    noticed_at: isoTime(noticedMs),
    to_at: isoTime(toMs),
    duration_seconds: (toMs - fromMs) / 1000,
    open: record.open,
    score: record.score,
    peak: peak?.value ?? null,
    peak_at: isoTime(peak?.atMs ?? null),
    expected: record.expected,
    low: record.low,
    high: record.high,
    muted: cause !== null,
    cause: cause?.cause ?? null,
    cause_text: cause?.text ?? null,
    message: record.message,
    events: events.map(({ atMs, endedAtMs, ...event }) => ({
      at: isoTime(atMs),
      ended_at: isoTime(endedAtMs),
      ...event,
    })),
  };
}
