// One function of a query, read from the store as its plan says.
import type { EntityId } from "../../model/ids.ts";
import type { MetricsStore } from "../../model/store.ts";
import { basePoints } from "./base-points.ts";
import type { LeafPlan, PointsPlan } from "./leaf-plan.ts";
import type { Aggregate } from "./query.ts";
import { type Points, reduce } from "./reduce.ts";
import type { Windows } from "./windows.ts";

export interface ReadLeaf {
  readonly leaf: Aggregate;
  readonly pointsOf: ReadonlyMap<EntityId, Points>;
  /** What makes one value of the points in a window. */
  readonly reduceBy: Aggregate["name"];
  /** What the reader should know of how the numbers were made. */
  readonly note: string | null;
}

export async function readPoints(
  leaf: Aggregate,
  { aggregation, stretches, note }: PointsPlan,
  ids: readonly EntityId[],
  store: Pick<MetricsStore, "range">,
): Promise<ReadLeaf> {
  const pointsOf = await basePoints(store, { ids, metric: leaf.field, aggregation, stretches });
  return { leaf, pointsOf, reduceBy: leaf.name, note };
}

/** One value per series; of those without samples from what averages they have. */
export async function readQuantiles(
  leaf: Aggregate,
  { otherwise }: Extract<LeafPlan, { type: "quantiles" }>,
  ids: readonly EntityId[],
  { windows, store }: { readonly windows: Windows; readonly store: Pick<MetricsStore, "range" | "quantiles"> },
): Promise<ReadLeaf> {
  const { fromMs, toMs } = windows;
  const ps = [(leaf.percent ?? 50) / 100];
  const { rows, error } = await store.quantiles({ ids, metric: leaf.field, fromMs, toMs, ps });
  const pointsOf = new Map<EntityId, Points>(
    rows.map(({ id, values }) => [id, { timeMs: [fromMs], values: [values[0] ?? null] }]),
  );
  const rest = ids.filter((id) => !pointsOf.has(id));
  const note = await addAverages(pointsOf, leaf, { rest, plan: otherwise(rest.length), fromMs, store });
  const notes = [rows.length === 0 || error === null ? null : histogramNote(leaf, error), note];
  return { leaf, pointsOf, reduceBy: "last", note: notes.filter((each) => each !== null).join(" ") || null };
}

interface Rest {
  readonly rest: readonly EntityId[];
  readonly plan: PointsPlan | null;
  readonly fromMs: number;
  readonly store: Pick<MetricsStore, "range">;
}

/** What is to be said of it; null when nothing was added. */
async function addAverages(
  pointsOf: Map<EntityId, Points>,
  leaf: Aggregate,
  { rest, plan, fromMs, store }: Rest,
): Promise<string | null> {
  if (rest.length === 0) return null;
  if (plan === null) return `${rest.length} series without samples are left out.`;
  const averages = await readPoints(leaf, plan, rest, store);
  let note: string | null = null;
  for (const [id, points] of averages.pointsOf) {
    const value = reduce(leaf.name, leaf.percent, points, 0, points.timeMs.length);
    if (value === null) continue;
    pointsOf.set(id, { timeMs: [fromMs], values: [value] });
    note = averages.note;
  }
  return note;
}

function histogramNote(
  { name }: Aggregate,
  { kind, value }: { readonly kind: "absolute" | "relative"; readonly value: number },
): string {
  const off = kind === "relative" ? `${(value * 100).toPrecision(2)} % of its value` : String(value);
  return `${name}() comes from daily histograms here and may be off by ${off}.`;
}
