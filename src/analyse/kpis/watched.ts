// Availability of every guest of a cluster that should run, and how old the data was over the last day.
import type { AnalysisSettings } from "../../model/analysis-settings.ts";
import type { FactsView } from "../../model/facts.ts";
import { type EntityId, targetEntityId } from "../../model/ids.ts";
import type { SeriesStore } from "../context.ts";
import { type AvailabilityHours, availabilityOf } from "../usage/availability.ts";
import type { ClusterUsage } from "../usage/cluster-usage.ts";
import { expectedGuests } from "../usage/expected.ts";
import { fineMs, hoursWithLostNode, watchedShare } from "../usage/known-time.ts";
import { endOfRange, readHours } from "../usage/read-hours.ts";
import { weekMask } from "../usage/week-hours.ts";

export function availabilityByGuest(
  usage: ClusterUsage,
  facts: FactsView,
  settings: Pick<AnalysisSettings, "maintenance" | "timeZone">,
): ReadonlyMap<EntityId, AvailabilityHours> {
  const { range, known, fine, guests } = usage;
  const lostHours = new Uint8Array(range.count);
  if (fine.size > 0) for (const hour of hoursWithLostNode(known)) lostHours[hour] = 1;
  const time = {
    watchedShare: watchedShare(known),
    watched: known.watched,
    nodesLost: known.nodesLost,
    lostHours,
    maintenance: weekMask(range, settings.maintenance, settings.timeZone),
  };
  const expected = new Set(expectedGuests(usage.supply.guests, facts).map(({ id }) => id));
  const found = new Map<EntityId, AvailabilityHours>();
  for (const { entity, running } of guests) {
    if (!expected.has(entity.id)) continue;
    found.set(entity.id, availabilityOf({ running, fine: fine.get(entity.id) }, time));
  }
  return found;
}

const stepsOfDay = 288;

/** Age of the newest sample of the node that is furthest behind, by five minutes of the last day. */
export async function readStaleness(
  store: Pick<SeriesStore, "range">,
  { cluster, supply, range }: ClusterUsage,
): Promise<Float64Array> {
  const fine = { fromMs: endOfRange(range) - stepsOfDay * fineMs, count: stepsOfDay, stepMs: fineMs };
  const ids = supply.nodes.map(({ entity }) => targetEntityId(cluster, entity.name));
  const ages = [...(await readHours(store, ids, { metric: "age_seconds", aggregation: "max" }, fine)).values()];
  return new Float64Array(stepsOfDay).map((_, step) => {
    const there = ages.map((age) => age[step] ?? Number.NaN).filter((age) => !Number.isNaN(age));
    return there.length === 0 ? Number.NaN : Math.max(...there);
  });
}
