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

/** A guest's own report counts its caches as used, an unknown source may be anything: neither says what it needs. */
const ofGuests: Measures = ({ scope }) => {
  const running = scope.guests.flatMap(({ supply }) => (supply?.running === true ? [supply] : []));
  const unknown = running.filter(
    ({ memoryDemandSource: source }) => source === null || source === "unknown" || source === "guest",
  );
  return [ofNow("unknown_memory", { guests_without_source: unknown.length, running_guests: running.length })];
};
