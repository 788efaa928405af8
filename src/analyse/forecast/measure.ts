// What the unit of a metric says of its values: how they scale, and what cannot be.
import { InputError } from "../../lib/errors.ts";
import type { Metric } from "../../model/metrics.ts";
import type { ForecastQuestion } from "./question.ts";

export type Measure = Required<Pick<ForecastQuestion, "kind" | "bounds">>;

/** Of a metric of the catalogue, or of a sum that has its unit. */
export type Measured = Pick<Metric, "id" | "kind" | "unit" | "type" | "min" | "max">;

/** Throws an InputError for what is no quantity. */
export function measureOf({ id, kind, unit, type, min, max }: Measured): Measure {
  if (type === "counter") throw new InputError(`${kind}.${id} is a counter; forecast its rate.`);
  switch (unit) {
    case "ratio":
    case "percent":
      return { kind: "ratio", bounds: { min, max: unit === "ratio" ? 1 : 100 } };
    case "bytes":
      return { kind: "bytes", bounds: { min, max } };
    case "bytes_per_second":
    case "count":
    case "load":
    case "seconds":
    case "currency_per_hour":
      return { kind: "rate", bounds: { min, max } };
    case "celsius":
      return { kind: "value", bounds: { min, max } };
    case "boolean":
    case "enum":
      throw new InputError(`${kind}.${id} is a state and no quantity; it cannot be forecast.`);
  }
}

/** A share of CPU may be measured a little above 1; then that is as far as it goes. */
export function boundedBy({ kind, bounds }: Measure, values: Float64Array): Measure {
  if (kind !== "ratio") return { kind, bounds };
  let { max } = bounds;
  for (const value of values) if (value > max) max = value;
  return { kind, bounds: { min: bounds.min, max } };
}
