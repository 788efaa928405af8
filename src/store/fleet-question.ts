// The checks of questions about many series at once, that every driver shares.
import { InputError, LimitError } from "../lib/errors.ts";
import { type EntityKind, parseEntityId } from "../model/ids.ts";
import { findMetric, type Metric } from "../model/metrics.ts";
import type { FleetQuery, QuantilesQuery, RolledTier, TotalsQuery } from "../model/store.ts";

const maxIds = 20_000;
const maxPs = 20;
const fiveMinutesMs = 300_000;
const hourMs = 3_600_000;

export interface AskedFleet {
  readonly kind: EntityKind;
  readonly metric: Metric;
}

/** Throws an InputError or a LimitError that says what is wrong. */
export function checkFleetQuery(query: FleetQuery): AskedFleet {
  if (query.ids.length === 0) throw invalid("ids", "At least one id is needed.");
  if (query.ids.length > maxIds) {
    throw new LimitError(`A question may name at most ${maxIds} ids; this one names ${query.ids.length}.`);
  }
  if (!(query.fromMs < query.toMs)) throw invalid("fromMs", "The range is empty: its begin must lie before its end.");
  const kind = kindOf(query.ids);
  const metric = metricOf(kind, query.metric);
  if (metric.type === "counter") throw invalid("metric", `${metric.id} is a counter; ask for its rate.`);
  return { kind, metric };
}

function kindOf(ids: readonly string[]): EntityKind {
  const kinds = new Set<EntityKind>();
  for (const id of ids) {
    const ref = parseEntityId(id);
    if (ref === undefined) throw invalid("ids", `${JSON.stringify(id)} is not an entity id.`);
    kinds.add(ref.kind);
  }
  const [kind] = kinds;
  if (kind === undefined || kinds.size > 1)
    throw invalid("ids", `The ids are of several kinds: ${[...kinds].join(", ")}.`);
  return kind;
}

export function metricOf(kind: EntityKind, id: string): Metric {
  const metric = findMetric(kind, id);
  if (metric === undefined) throw invalid("metric", `There is no metric ${JSON.stringify(id)} for a ${kind}.`);
  return metric;
}

export function checkQuantiles(query: QuantilesQuery): AskedFleet {
  const asked = checkFleetQuery(query);
  if (query.ps.length === 0 || query.ps.length > maxPs) throw invalid("ps", `From 1 to ${maxPs} shares are needed.`);
  if (!query.ps.every((p) => p >= 0 && p <= 1)) throw invalid("ps", "A share lies from 0 to 1.");
  return asked;
}

export interface AskedTotals extends AskedFleet {
  readonly weight: Metric | null;
  readonly tier: RolledTier;
}

export function checkTotals(query: TotalsQuery): AskedTotals {
  const asked = checkFleetQuery(query);
  const weight = query.weightBy === null ? null : metricOf(asked.kind, query.weightBy);
  if (weight?.type === "counter") throw invalid("weightBy", `${weight.id} is a counter and no weight.`);
  const tier = query.stepMs % hourMs === 0 ? "1h" : "5m";
  if (!(query.stepMs > 0) || query.stepMs % fiveMinutesMs !== 0)
    throw invalid("stepMs", "The step must be a whole multiple of 5 minutes.");
  return { ...asked, weight, tier };
}

const invalid = (pointer: string, message: string): InputError => new InputError(message, [{ pointer, message }]);
