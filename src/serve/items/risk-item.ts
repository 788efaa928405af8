// A finding that something may fail, as the API shows it: with the date by which it is due, where there is one.
import { z } from "zod";
import { certainties, type FindingValue, type HeldFinding } from "../../model/finding.ts";
import { isRiskKind, type RiskWatch, riskKinds } from "../../model/risks.ts";
import { isoTime } from "./time.ts";

const time = (words: string) => z.string().nullable().describe(`${words}; ISO 8601, UTC`);

export const RiskItem = z
  .object({
    id: z.string(),
    kind: z.string(),
    group: z.string().describe("What the list groups it under"),
    cluster: z.string(),
    subject: z.string(),
    severity: z.enum(["info", "warning", "critical"]),
    certainty: z.enum(certainties),
    message: z.string(),
    remedy: z.string().nullable(),
    due_at: time("When it is likely to happen; null where no date can be told"),
    due_earliest_at: time("95 % of the dates that the data allow are later"),
    due_latest_at: time("95 % of the dates that the data allow are earlier"),
    probability: z
      .number()
      .nullable()
      .describe("null: none is told, because none was calibrated on real failures; see docs/failure-prediction.md"),
    first_seen_at: time("When it was first concluded"),
    last_seen_at: time("When it was last concluded"),
    resolved_at: time("When it did not hold any more"),
    series_id: z.string().nullable().describe("The series to look at first"),
    series_field: z.string().nullable(),
  })
  .meta({ id: "Risk" });
export type RiskItem = z.infer<typeof RiskItem>;

export function riskItem(finding: HeldFinding): RiskItem {
  const { fields } = finding;
  const series = finding.evidence.find((evidence) => evidence.series !== null)?.series ?? null;
  return {
    id: finding.id,
    kind: finding.kind,
    group: isRiskKind(finding.kind) ? riskKinds[finding.kind] : finding.kind,
    cluster: finding.cluster,
    subject: finding.subject,
    severity: finding.severity,
    certainty: finding.certainty,
    message: finding.message,
    remedy: finding.remedy,
    due_at: moment(fields["due_at_ms"]),
    due_earliest_at: moment(fields["due_early_ms"]),
    due_latest_at: moment(fields["due_late_ms"]),
    probability: null,
    first_seen_at: isoTime(finding.firstSeenAt),
    last_seen_at: isoTime(finding.lastSeenAt),
    resolved_at: isoTime(finding.resolvedAt),
    series_id: series?.id ?? null,
    series_field: series?.metric ?? null,
  };
}

const moment = (value: FindingValue | undefined): string | null => (typeof value === "number" ? isoTime(value) : null);

export const RiskWatchItem = z
  .object({
    cluster: z.string(),
    rule: z.string(),
    title: z.string(),
    summary: z.string(),
    kinds: z.array(z.string()),
    watched: z.number().int().describe("Things with data enough"),
    waiting: z.number().int().describe("Things with too little data yet"),
    waiting_for: z.string().nullable().describe("needs 14 days, has 3"),
    ready_at: time("When the last of them has data enough"),
    looked_at: time("When it was last looked at"),
  })
  .meta({ id: "RiskWatch" });
export type RiskWatchItem = z.infer<typeof RiskWatchItem>;

export const riskWatchItem = (cluster: string, watch: RiskWatch, at: number): RiskWatchItem => ({
  cluster,
  rule: watch.rule,
  title: watch.title,
  summary: watch.summary,
  kinds: [...watch.kinds],
  watched: watch.watched,
  waiting: watch.waiting,
  waiting_for: watch.waitingFor,
  ready_at: isoTime(watch.readyAt),
  looked_at: isoTime(at),
});
