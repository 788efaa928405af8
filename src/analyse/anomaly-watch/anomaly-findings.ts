// What is unusual now and has no known cause, as findings.
import type { AnomalyRecord } from "../../model/anomalies.ts";
import type { Evidence, Finding } from "../../model/finding.ts";
import { type EntityId, nodeEntityId, parseEntityId } from "../../model/ids.ts";
import type { HeldAnomaly } from "./anomaly-book.ts";

/** Six times the tail scale and more. */
const grave = 0.75;

export const anomalyFormula =
  "score = s / (s + 2), s = |error of the forecast, or of its mean over 3 to 100 rows| / ⁴√(mean fourth power of such " +
  "errors), reported from 0.5 on; expected range = forecast ± 2 such scales (docs/anomalies.md)";

export function findingOf({ cluster, record }: HeldAnomaly): Finding {
  const { subject, metric, reason, score, message } = record;
  const isTold = reason !== "flat" && reason !== "gap" && reason !== "shift";
  return {
    kind: "anomaly",
    cluster,
    subject: ownerOf(subject),
    key: `${parseEntityId(subject)?.kind === "target" ? "answer." : ""}${metric}${isTold ? "" : `.${reason}`}`,
    severity: reason === "gap" || (score ?? 0) >= grave ? "warning" : "info",
    certainty: "measured",
    message,
    remedy: null,
    evidence: [evidenceOf(record)],
    formula: isTold ? anomalyFormula : formulas[reason],
    fields: fieldsOf(record),
  };
}

const formulas: Readonly<Record<"flat" | "gap" | "shift", string>> = {
  flat: "the same value for at least 12 rows and 30 minutes, 3 times as long as ever before, where half of the rows move",
  gap: "more than 3 rows of 5 minutes without a value while the target of its node answers",
  shift: "CUSUM of (mean of the day − mean of the same weekday a week before) / (1.4826 × MAD), slack 0.5, limit 5",
};

/** A target has no page of its own: its node has. */
function ownerOf(subject: EntityId): EntityId {
  const ref = parseEntityId(subject);
  return ref?.kind === "target" ? nodeEntityId(ref.cluster, ref.key) : subject;
}

function evidenceOf({ subject, metric, fromMs, toMs, score, peak, expected, low, high }: AnomalyRecord): Evidence {
  const numbers = { score, peak: peak?.value ?? null, expected, low, high };
  return { what: "where it was unusual", series: { id: subject, metric }, fromMs, toMs, numbers };
}

const fieldsOf = ({ metric, reason, stepS, fromMs, score, peak, expected, low, high }: AnomalyRecord) => ({
  metric,
  reason,
  step_seconds: stepS,
  from: new Date(fromMs).toISOString(),
  score,
  peak: peak?.value ?? null,
  expected,
  low,
  high,
});
