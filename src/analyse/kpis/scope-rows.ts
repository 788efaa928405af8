// Points of derived series: what every scope had and used, hour by hour, for sparklines, graphs and sinks.
import type { Row } from "../../model/batch.ts";
import { scopeEntityId } from "../../model/ids.ts";
import type { ResourceWeights } from "../../model/kpis.ts";
import type { AvailabilityHours } from "../usage/availability.ts";
import type { ClusterUsage } from "../usage/cluster-usage.ts";
import { hourMs } from "../usage/read-hours.ts";
import { efficiencyHours } from "../usage/scope-hours.ts";
import type { SummedScope } from "./utilization-items.ts";

/** More rows than this in one run (the first) would keep the journal busy; the oldest are left out. */
const mostRows = 60_000;

export interface ScopeRowsInput {
  readonly usage: ClusterUsage;
  readonly scopes: readonly SummedScope[];
  readonly availability: ReadonlyMap<string, AvailabilityHours>;
  readonly weights: ResourceWeights;
  /** Hours that begin at or before it have their points already. */
  readonly doneUntilMs: number;
}

export function scopeRows({ usage, scopes, availability, weights, doneUntilMs }: ScopeRowsInput): readonly Row[] {
  const { range } = usage;
  const done = Math.floor((doneUntilMs - range.fromMs) / hourMs) + 1;
  const first = Math.max(0, done, range.count - Math.floor(mostRows / Math.max(1, scopes.length)));
  return scopes.flatMap((scope) => {
    const id = scopeEntityId(usage.cluster, scope.type, scope.key);
    const valuesAt = courseOf(scope, usage, { availability, weights });
    const rows: Row[] = [];
    for (let hour = first; hour < range.count; hour++) {
      if (usage.counted[hour] !== 1) continue;
      const values = known(valuesAt(hour));
      rows.push({ id, ts: range.fromMs + hour * hourMs, stepS: 3600, origin: "analysis", node: null, values });
    }
    return rows;
  });
}

type Values = Record<string, number | undefined>;

function courseOf(
  scope: SummedScope,
  usage: ClusterUsage,
  { availability, weights }: Pick<ScopeRowsInput, "availability" | "weights">,
): (hour: number) => Values {
  const { hours } = scope;
  const efficiency = efficiencyHours(hours, weights);
  const watched = scope.guests.flatMap(({ entity }) => availability.get(entity.id) ?? []);
  return (hour) => ({
    guests_running: hours.running[hour],
    cpu_demand_cores: hours.cpuDemand[hour],
    cpu_allocated_cores: hours.cpuGiven[hour],
    mem_demand_bytes: hours.memoryDemand[hour],
    mem_allocated_bytes: hours.memoryGiven[hour],
    efficiency_ratio: efficiency[hour],
    availability_ratio: availabilityIn(watched, hour),
    coverage_ratio: usage.coverage[hour],
    ...(scope.type === "cluster" ? capacityIn(usage, hour) : {}),
  });
}

const capacityIn = ({ capacity, storage }: ClusterUsage, hour: number): Values => ({
  cpu_usable_cores: capacity.cpu[hour],
  mem_usable_bytes: capacity.memory[hour],
  storage_used_bytes: storage.used[hour],
  storage_usable_bytes: storage.usable,
});

function availabilityIn(guests: readonly AvailabilityHours[], hour: number): number | undefined {
  let [up, down] = [0, 0];
  for (const guest of guests) {
    up += guest.up[hour] ?? 0;
    down += guest.down[hour] ?? 0;
  }
  return up + down > 0 ? up / (up + down) : undefined;
}

/** What is not known is left out. */
function known(values: Values): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && Number.isFinite(value)) found[name] = value;
  return found;
}
