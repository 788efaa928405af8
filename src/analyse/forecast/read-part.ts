// Reads the history of all series of a part: one question per outlook, not one per series.
import { type Outlook, outlookNames } from "../../model/forecasts.ts";
import type { EntityId } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";
import type { AnalysisContext } from "../context.ts";
import type { Measured } from "./measure.ts";
import type { NightlySeries } from "./nightly-task.ts";
import type { Part } from "./parts.ts";
import { type Grid, gridFor, readGrids } from "./series-grids.ts";
import { sumOfNodes } from "./sum-of-nodes.ts";
import { isTotal, measuredOf } from "./watched.ts";

export type ReadSeries = Omit<NightlySeries, "breaksMs" | "kept">;

/** `standing`: the things whose half a year ahead is not asked tonight. */
export async function readPart(
  context: Pick<AnalysisContext, "store" | "fleet" | "nowMs">,
  part: Part,
  standing: ReadonlySet<EntityId>,
): Promise<readonly ReadSeries[]> {
  const { kind, field } = part;
  const measured = measuredOf(kind, field);
  if (measured === undefined) throw new RangeError(`a ${kind} has no ${field}`);
  const found: ReadSeries[] = [];
  for (const outlook of outlookNames) {
    const ids = outlook === "month" ? part.ids : part.ids.filter((id) => !standing.has(id));
    if (ids.length === 0) continue;
    const grids = await readSeries(context, { ids, measured, outlook });
    for (const [id, { values, grid }] of grids) found.push({ id, measured, outlook, grid, values });
  }
  return found;
}

export interface WantedSeries {
  readonly ids: readonly EntityId[];
  readonly measured: Measured;
  readonly outlook: Outlook;
}

interface GridValues {
  readonly grid: Grid;
  readonly values: Float64Array;
}

/** Series of one kind and field; sums over a cluster are summed up here. */
export async function readSeries(
  { store, fleet, nowMs }: Pick<AnalysisContext, "store" | "fleet" | "nowMs">,
  { ids, measured: { id: field, kind }, outlook }: WantedSeries,
): Promise<ReadonlyMap<EntityId, GridValues>> {
  const grid = gridFor(outlook, nowMs);
  const found = new Map<EntityId, GridValues>();
  if (isTotal(kind, field)) {
    for (const id of ids) found.set(id, { grid, values: await totalOf({ store, fleet }, id, field, grid) });
    return found;
  }
  for (const [id, values] of await readGrids(store, { ids, metric: field, grid })) found.set(id, { grid, values });
  return found;
}

async function totalOf(
  { store, fleet }: Pick<AnalysisContext, "store" | "fleet">,
  id: EntityId,
  field: MetricId,
  grid: Grid,
): Promise<Float64Array> {
  const cluster = fleet.get(id)?.entity.cluster;
  const ids = fleet
    .list("node", { gone: true })
    .flatMap(({ entity }) => (entity.cluster === cluster ? [entity.id] : []));
  const isCores = field === "cpu_used_cores";
  const values = await readGrids(store, { ids, metric: isCores ? "cpu_ratio" : field, grid });
  const cores = isCores ? await readGrids(store, { ids, metric: "cpu_count", grid }) : undefined;
  const nodes = ids.map((node) => ({
    values: values.get(node) ?? new Float64Array(),
    times: cores?.get(node),
  }));
  return sumOfNodes(nodes, (grid.toMs - grid.fromMs) / grid.stepMs);
}
