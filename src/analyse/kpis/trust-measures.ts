// How far the data itself can be trusted.
import { hourStatistics } from "../usage/hour-statistics.ts";
import { type Measures, ofNow } from "./given.ts";

export const trustMeasures: Measures = (given) => [...ofCluster(given), ...ofGuests(given)];

const ofCluster: Measures = ({ scope, nodeData, usage, staleness }) => {
  if (scope.type !== "cluster") return [];
  const known = nodeData.reduce((sum, { knownHours }) => sum + knownHours, 0);
  const averaged = nodeData.reduce((sum, { averagedHours }) => sum + averagedHours, 0);
  const ages = hourStatistics(staleness);
  return [
    ofNow("data_coverage", { known_node_hours: known, node_hours: usage.supply.nodes.length * usage.range.count }),
    ofNow("backfilled", { averaged_node_hours: averaged, known_node_hours: known }),
    ofNow(
      "staleness",
      { staleness_p95_seconds: ages?.p95 ?? null },
      ages === undefined ? "needs a day of polls, has none" : null,
    ),
  ];
};

/**
 * Sizing needs a figure without the guest's cache: a container's, or what the guest agent tells of the memory inside. What
 * a VM costs its node, and what its balloon reports, count the cache as used.
 */
const ofGuests: Measures = ({ scope, measurable }) => {
  const running = scope.guests.flatMap(({ supply }) => (supply?.running === true ? [supply] : []));
  const unknown = running.filter(({ id, entity }) => entity.type === "qemu" && !measurable.has(id));
  return [ofNow("unknown_memory", { guests_without_figure: unknown.length, running_guests: running.length })];
};
