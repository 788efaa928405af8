// A finding as the API and the stream show it.
import { z } from "zod";
import { certainties, type Evidence, type HeldFinding } from "../../model/finding.ts";
import { isoTime } from "./time.ts";

const time = z.string().nullable().describe("ISO 8601, UTC");
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const EvidenceItem = z
  .object({
    what: z.string(),
    id: z.string().nullable().describe("The series to look at"),
    field: z.string().nullable(),
    from: time,
    to: time,
    numbers: z.record(z.string(), value),
  })
  .meta({ id: "Evidence" });

export const FindingItem = z
  .object({
    id: z.string(),
    kind: z.string(),
    cluster: z.string(),
    subject: z.string(),
    key: z.string(),
    severity: z.enum(["info", "warning", "critical"]),
    certainty: z.enum(certainties),
    message: z.string(),
    remedy: z.string().nullable(),
    first_seen_at: time,
    last_seen_at: time,
    resolved_at: time,
    formula: z.string(),
    fields: z.record(z.string(), value),
    evidence: z.array(EvidenceItem),
  })
  .meta({ id: "Finding" });
export type FindingItem = z.infer<typeof FindingItem>;

export const findingItem = (finding: HeldFinding): FindingItem => ({
  id: finding.id,
  kind: finding.kind,
  cluster: finding.cluster,
  subject: finding.subject,
  key: finding.key,
  severity: finding.severity,
  certainty: finding.certainty,
  message: finding.message,
  remedy: finding.remedy,
  first_seen_at: isoTime(finding.firstSeenAt),
  last_seen_at: isoTime(finding.lastSeenAt),
  resolved_at: isoTime(finding.resolvedAt),
  formula: finding.formula,
  fields: finding.fields,
  evidence: finding.evidence.map(evidenceItem),
});

const evidenceItem = ({ what, series, fromMs, toMs, numbers }: Evidence) => ({
  what,
  id: series?.id ?? null,
  field: series?.metric ?? null,
  from: isoTime(fromMs),
  to: isoTime(toMs),
  numbers,
});
