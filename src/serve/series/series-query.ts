// From what a caller asked to what the store is asked: every id with every field that its kind has, within the limits.
import { InputError, LimitError, NotFoundError } from "../../lib/errors.ts";
import type { EntityId, EntityKind } from "../../model/ids.ts";
import { type Aggregation, findMetric, type Metric, metricsByKind } from "../../model/metrics.ts";
import type { RangeQuery, StoreCapabilities } from "../../model/store.ts";
import type { ScopedFleet } from "../scoped-fleet.ts";
import type { ServeLimits } from "../settings.ts";
import { parseStep, parseTime } from "./time-range.ts";

export interface SeriesInput {
  readonly id: readonly string[];
  readonly field: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly step: string;
  readonly agg?: Aggregation | undefined;
}

export interface SeriesPlan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepS: number;
  /** The given order: ids, and for each its fields. */
  readonly wanted: readonly { readonly id: EntityId; readonly metric: Metric }[];
  /** One per metric and kind. */
  readonly queries: readonly { readonly metric: Metric; readonly query: RangeQuery }[];
}

export interface SeriesPlanOptions {
  readonly fleet: ScopedFleet;
  readonly limits: ServeLimits;
  readonly capabilities: StoreCapabilities;
  readonly nowMs: number;
}

/** The finest samples that are kept; bounds what a raw query can bring. */
const finestS = 10;

/** Throws an InputError, NotFoundError or LimitError. */
export function planSeries(input: SeriesInput, options: SeriesPlanOptions): SeriesPlan {
  const fromMs = parseTime(input.from, "from", options.nowMs);
  const toMs = parseTime(input.to, "to", options.nowMs);
  if (fromMs >= toMs)
    throw new InputError("from must lie before to.", [{ pointer: "/query/from", message: "not before to" }]);
  const stepS = parseStep(input.step, toMs - fromMs);
  const wanted = wantedSeries(input, options);
  checkLimits({ rangeMs: toMs - fromMs, stepS, series: wanted.length }, options);
  const queries = new Map<Metric, { metric: Metric; ids: EntityId[] }>();
  for (const { id, metric } of wanted) {
    const query = queries.get(metric) ?? { metric, ids: [] };
    queries.set(metric, query);
    query.ids.push(id);
  }
  return {
    fromMs,
    toMs,
    stepS,
    wanted,
    queries: [...queries.values()].map(({ metric, ids }) => ({
      metric,
      query: {
        ids,
        metric: metric.id,
        aggregation: input.agg ?? metric.defaultAggregation,
        fromMs,
        toMs,
        stepMs: stepS * 1_000,
      },
    })),
  };
}

function wantedSeries(
  { id: ids, field: fields, agg }: SeriesInput,
  { fleet, limits, capabilities }: SeriesPlanOptions,
) {
  if (ids.length * fields.length > limits.seriesPerQuery) {
    throw new LimitError(
      `A query brings at most ${limits.seriesPerQuery} series; this one asks for ${ids.length * fields.length}.`,
    );
  }
  if (agg !== undefined && !capabilities.aggregations.includes(agg)) {
    throw new LimitError(`This store cannot aggregate by ${agg}; it offers ${capabilities.aggregations.join(", ")}.`);
  }
  const entities = new Map<EntityId, EntityKind>();
  for (const id of ids) {
    const found = fleet.findId(id);
    if (found === undefined) throw new NotFoundError("There is nothing with one of these ids.");
    entities.set(found.id, found.kind);
  }
  for (const field of fields) checkField(field, new Set(entities.values()));
  return [...entities].flatMap(([id, kind]) =>
    fields.flatMap((field) => {
      const metric = findMetric(kind, field);
      return metric === undefined ? [] : [{ id, metric }];
    }),
  );
}

function checkField(field: string, kinds: ReadonlySet<EntityKind>): void {
  if ([...kinds].some((kind) => findMetric(kind, field) !== undefined)) return;
  const known = [...kinds].flatMap((kind) => metricsByKind[kind].map((metric) => metric.id));
  const message = `no such metric for ${[...kinds].join(", ")}; there are ${[...new Set(known)].join(", ")}`;
  throw new InputError("field: there is no such metric.", [{ pointer: "/query/field", message }]);
}

interface Size {
  readonly rangeMs: number;
  readonly stepS: number;
  readonly series: number;
}

function checkLimits({ rangeMs, stepS, series }: Size, { limits, capabilities }: SeriesPlanOptions): void {
  if (capabilities.maxRangeMs !== null && rangeMs > capabilities.maxRangeMs) {
    throw new LimitError(`This store answers ranges up to ${capabilities.maxRangeMs / 86_400_000} days.`);
  }
  const points = rangeMs / (stepS * 1_000);
  if (stepS > 0 && points > limits.pointsPerSeries) throw tooManyPoints(limits);
  const total = series * Math.min(rangeMs / ((stepS === 0 ? finestS : stepS) * 1_000), limits.pointsPerSeries);
  if (total > limits.pointsPerQuery) {
    throw new LimitError(
      `An answer holds at most ${limits.pointsPerQuery} points; ask for fewer series, a shorter range or a wider step.`,
    );
  }
}

export const tooManyPoints = (limits: ServeLimits): LimitError =>
  new LimitError(`A series has at most ${limits.pointsPerSeries} points; ask for a shorter range or a wider step.`);
