// Reads the history of all series of a part: one question per field and outlook, not one per series.
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

/** `standing` tells for which series half a year ahead is not asked tonight. */
export async function readPart(
  context: Pick<AnalysisContext, "store" | "fleet" | "nowMs">,
  part: Part,
  standing: (id: EntityId, field: MetricId) => boolean,
): Promise<readonly ReadSeries[]> {
  const fields = new Set(part.entities.flatMap((entity) => entity.fields));
  const found: ReadSeries[] = [];
  for (const outlook of outlookNames)
    for (const field of fields) {
      const having = part.entities.filter((entity) => entity.fields.includes(field)).map(({ id }) => id);
      const ids = outlook === "month" ? having : having.filter((id) => !standing(id, field));
      const measured = measuredOf(part.kind, field);
      if (ids.length === 0 || measured === undefined) continue;
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
