// Answers /api/v1/growth and /api/v1/compare with invented but repeatable numbers.
import type { FleetItem } from "../../../src/web/fleet/item.ts";
import { numberOf } from "./random.ts";

const gibibyte = 2 ** 30;
const day = 86_400_000;

const of = (query: URLSearchParams, items: readonly FleetItem[]): readonly FleetItem[] =>
  items.filter(({ kind }) => kind === query.get("kind")).slice(0, 12);

const sizeOf = (query: URLSearchParams, id: string): number =>
  (query.get("field") === "cpu_ratio" ? 0.4 : 200 * gibibyte) * (0.1 + numberOf(id));

/** CPU has not grown, so that the page shows what it does then. */
export function fakeGrowth(query: URLSearchParams, items: readonly FleetItem[]): object {
  const field = query.get("field");
  if (field === "cpu_ratio") return { items: [], next: null };
  const grown = of(query, items).map(({ id, name, kind }) => {
    const mean = sizeOf(query, id);
    return { id, name, kind, field, growth: mean / 8, slope_per_day: mean / 240, share_ratio: 0.08, mean };
  });
  return { items: grown.sort((a, b) => b.growth - a.growth), next: null };
}

const means = (query: URLSearchParams): object => {
  const [mean_before, mean_now] = [sizeOf(query, "all"), sizeOf(query, "all now")];
  return { mean_before, mean_now };
};

export function fakeComparison(query: URLSearchParams, items: readonly FleetItem[]): object {
  const rows = of(query, items).map(({ id, name }, place) => {
    const before = place === 11 ? null : sizeOf(query, id);
    const now = sizeOf(query, `${id}now`);
    const change = before === null ? null : now - before;
    return { id, name, before, now, change, change_ratio: change === null || before === null ? null : change / before };
  });
  const to = Date.now();
  return { before_from: to - 14 * day, before_to: to - 7 * day, ...means(query), rows };
}
