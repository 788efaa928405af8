// What a closed day cost as points of series: of the cluster, of its pools and tags, and of every guest. Only guests' own
// lines count for pools, tags and guests; idle and shared costs are the cluster's.
import type { Row } from "../../model/batch.ts";
import type { CostLine, CostPeriod } from "../../model/cost-ledger.ts";
import { type ClusterId, parseEntityId, type ScopeType, scopeEntityId } from "../../model/ids.ts";
import { dayMs, dayPeriod } from "./calendar.ts";
import { microsOf } from "./ledger.ts";
import { microsPerUnit } from "./money.ts";

export function costRows(cluster: ClusterId, day: CostPeriod): Row[] {
  if (day.hours === 0) return [];
  const sums = new Map<string, number>([[scopeEntityId(cluster, "cluster", ""), day.totalMicros]]);
  for (const line of day.guests) {
    const micros = microsOf(line.use);
    for (const [type, key] of scopesOf(line)) {
      const id = scopeEntityId(cluster, type, key);
      sums.set(id, (sums.get(id) ?? 0) + micros);
    }
  }
  const { fromMs: ts } = dayPeriod(day.period);
  return [...sums].map(([id, micros]) => ({
    id,
    ts,
    stepS: dayMs / 1000,
    origin: "analysis",
    node: null,
    values: { cost_per_hour: micros / microsPerUnit / day.hours },
  }));
}

function scopesOf({ id, pool, tags }: CostLine): readonly (readonly [ScopeType, string])[] {
  const guest = parseEntityId(id)?.key ?? "";
  return [
    ["guest", guest],
    ...(pool === null ? [] : [["pool", pool] as const]),
    ...tags.map((tag) => ["tag", tag] as const),
  ];
}
