// The checks of a range query that every driver shares, before any data is touched.
import { InputError, LimitError } from "../lib/errors.ts";
import { type EntityId, type EntityKind, parseEntityId } from "../model/ids.ts";
import { findMetric, type Metric } from "../model/metrics.ts";
import type { RangeQuery } from "../model/store.ts";

const maxIds = 200;

export interface AskedSeries {
  readonly id: EntityId;
  readonly kind: EntityKind;
  readonly metric: Metric;
}

/** The asked series, each with its metric. Throws an InputError or a LimitError that says what is wrong. */
export function checkRangeQuery(query: RangeQuery): AskedSeries[] {
  if (query.ids.length > maxIds) {
    throw new LimitError(`A query may name at most ${maxIds} ids; this one names ${query.ids.length}. Ask in parts.`);
  }
  if (!(query.fromMs < query.toMs)) throw invalid("fromMs", "The range is empty: its begin must lie before its end.");
  if (!(query.stepMs >= 0 && Number.isFinite(query.stepMs))) throw invalid("stepMs", "The step must be 0 or more.");
  return query.ids.map((id) => askedSeries(id, query.metric));
}

function askedSeries(id: EntityId, metricId: string): AskedSeries {
  const ref = parseEntityId(id);
  if (ref === undefined) throw invalid("ids", `${JSON.stringify(id)} is not an entity id.`);
  const metric = findMetric(ref.kind, metricId);
  if (metric === undefined)
    throw invalid("metric", `There is no metric ${JSON.stringify(metricId)} for a ${ref.kind}.`);
  return { id: ref.id, kind: ref.kind, metric };
}

const invalid = (pointer: string, message: string): InputError => new InputError(message, [{ pointer, message }]);
