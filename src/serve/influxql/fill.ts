// What stands in windows that have no value: fill(null | none | previous | linear | number). Pure.
import type { Fill } from "./query.ts";

/** `none` leaves the gaps; the rows are left out later. */
export function filled(values: readonly (number | null)[], fill: Fill): readonly (number | null)[] {
  if (typeof fill === "number") return values.map((value) => value ?? fill);
  if (fill === "previous") return withPrevious(values);
  return fill === "linear" ? withLine(values) : values;
}

function withPrevious(values: readonly (number | null)[]): (number | null)[] {
  let before: number | null = null;
  return values.map((value) => {
    before = value ?? before;
    return before;
  });
}

/** Between two values only: what lies before the first and after the last stays empty. */
function withLine(values: readonly (number | null)[]): (number | null)[] {
  const result = [...values];
  let left: number | null = null;
  for (const [index, value] of values.entries()) {
    if (value === null) continue;
    if (left !== null) fillBetween(result, left, index);
    left = index;
  }
  return result;
}

function fillBetween(values: (number | null)[], left: number, right: number): void {
  const [from, to] = [values[left] ?? 0, values[right] ?? 0];
  for (let index = left + 1; index < right; index++)
    values[index] = from + ((to - from) * (index - left)) / (right - left);
}
