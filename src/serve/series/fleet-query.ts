// Questions about a whole kind of things: which of them, over what range. Everything in scope unless ids are given.
import { z } from "zod";
import { InputError, LimitError, NotFoundError } from "../../lib/errors.ts";
import { type EntityId, type EntityKind, entityKinds } from "../../model/ids.ts";
import { findMetric, type Metric, metricsByKind } from "../../model/metrics.ts";
import { many } from "../lists/many.ts";
import type { ScopedFleet } from "../scoped-fleet.ts";
import { parseTime } from "./time-range.ts";

/** Longer lists are asked for by kind and cluster. */
const mostNamed = 200;

export const fleetQueryShape = {
  kind: z.enum(entityKinds).default("guest").describe("What to look at"),
  id: many("Only these ids; everything of the kind that you may see when left out", 8_000).optional(),
  cluster: many("Only things of these clusters").optional(),
  gone: z.enum(["true", "false"]).default("false").describe("Also what is gone"),
  from: z.string().max(40).default("-30d").describe("ISO 8601, milliseconds since the epoch, or relative such as -30d"),
  to: z.string().max(40).default("now").describe("As from; the end is not included"),
};

export interface FleetInput {
  readonly kind: EntityKind;
  readonly id?: readonly string[] | undefined;
  readonly cluster?: readonly string[] | undefined;
  readonly gone: "true" | "false";
  readonly from: string;
  readonly to: string;
}

export interface FleetPlan {
  readonly ids: readonly EntityId[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** Throws an InputError, NotFoundError or LimitError. */
export function planFleet(input: FleetInput, fleet: ScopedFleet, nowMs: number): FleetPlan {
  const fromMs = parseTime(input.from, "from", nowMs);
  const toMs = parseTime(input.to, "to", nowMs);
  if (fromMs >= toMs)
    throw new InputError("from must lie before to.", [{ pointer: "/query/from", message: "not before to" }]);
  const { cluster } = input;
  const ids = input.id === undefined ? listed(input, fleet) : named(input.kind, input.id, fleet);
  return { ids: ids.filter((id) => cluster?.includes(id.slice(0, id.indexOf("/"))) ?? true), fromMs, toMs };
}

const listed = ({ kind, gone }: FleetInput, fleet: ScopedFleet): EntityId[] =>
  fleet.list(kind, { gone: gone === "true" }).map(({ entity }) => entity.id);

function named(kind: EntityKind, ids: readonly string[], fleet: ScopedFleet): EntityId[] {
  if (ids.length > mostNamed)
    throw new LimitError(`A query names at most ${mostNamed} ids; this one names ${ids.length}. Ask by kind instead.`);
  return ids.map((id) => {
    const found = fleet.findId(id);
    if (found === undefined) throw new NotFoundError("There is nothing with one of these ids.");
    if (found.kind === kind) return found.id;
    throw new InputError(`id: ${found.id} is a ${found.kind}, not a ${kind}.`, [
      { pointer: "/query/id", message: `a ${found.kind}, not a ${kind}` },
    ]);
  });
}

/** A metric of the kind, counters too. Throws an InputError. */
export function anyMetricOfKind(kind: EntityKind, id: string): Metric {
  return findMetric(kind, id) ?? noSuchMetric(kind, metricsByKind[kind], "field");
}

/** A metric that changes with time in a way that can be averaged. Throws an InputError. */
export function metricOfKind(kind: EntityKind, id: string, name = "field"): Metric {
  const metric = findMetric(kind, id);
  if (metric !== undefined && metric.type !== "counter") return metric;
  const known = metricsByKind[kind].filter(({ type }) => type !== "counter");
  return noSuchMetric(kind, known, name);
}

function noSuchMetric(kind: EntityKind, known: readonly Metric[], name: string): never {
  const message = `no such metric for ${kind}; there are ${known.map(({ id }) => id).join(", ")}`;
  throw new InputError(`${name}: there is no such metric.`, [{ pointer: `/query/${name}`, message }]);
}
