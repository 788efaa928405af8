// Sums over the guests of a scope, hour by hour. Every scope of a cluster is summed up over the same guests and hours, so
// that nodes, pools and the cluster add up.
import type { ResourceWeights } from "../../model/kpis.ts";
import type { GuestHours } from "./guest-hours.ts";
import type { NodeHours } from "./node-hours.ts";

const gibibyte = 2 ** 30;

export interface ScopeHours {
  readonly running: Float64Array;
  /** Unshared cores (a thread that shares its core counts less). */
  readonly cpuDemand: Float64Array;
  readonly cpuGiven: Float64Array;
  readonly memoryDemand: Float64Array;
  readonly memoryGiven: Float64Array;
  /** Threads in use by guests with a limit: what can be compared with what they are given. */
  readonly limitedCores: Float64Array;
}

export function scopeHours(guests: readonly GuestHours[], nodes: readonly NodeHours[], hours: number): ScopeHours {
  const worthOn = new Map(nodes.map(({ supply, coresPerThread }) => [supply.entity.name, coresPerThread]));
  const zeros = (): Float64Array => new Float64Array(hours);
  const sums = {
    running: zeros(),
    cpuDemand: zeros(),
    cpuGiven: zeros(),
    memoryDemand: zeros(),
    memoryGiven: zeros(),
    limitedCores: zeros(),
  };
  for (const guest of guests) {
    const worth = worthOn.get(guest.entity.node);
    for (let hour = 0; hour < hours; hour++) {
      const cores = guest.cores[hour] ?? Number.NaN;
      const given = guest.coresGiven[hour] ?? Number.NaN;
      add(sums.running, hour, guest.running[hour]);
      add(sums.cpuDemand, hour, cores * (worth?.[hour] ?? 1));
      add(sums.cpuGiven, hour, given);
      add(sums.memoryDemand, hour, guest.memory[hour]);
      add(sums.memoryGiven, hour, guest.memoryGiven[hour]);
      if (!Number.isNaN(given)) add(sums.limitedCores, hour, cores);
    }
  }
  return sums;
}

/** What one guest did not tell leaves the sum as it is; whether the hour counts is for hourCoverage to say. */
function add(sums: Float64Array, hour: number, value: number | undefined): void {
  if (value !== undefined && !Number.isNaN(value)) sums[hour] = (sums[hour] ?? 0) + value;
}

/** Share of the nodes that the hour is known of: those with samples, of those there were and the cluster had online. */
export function hourCoverage(nodes: readonly NodeHours[], lostNodes: Float64Array): Float64Array {
  const hours = lostNodes.length;
  const coverage = new Float64Array(hours);
  const firstHours = nodes.map(({ busyThreads }) => busyThreads.findIndex((value) => !Number.isNaN(value)));
  for (let hour = 0; hour < hours; hour++) {
    let [there, known] = [0, 0];
    for (const [number, node] of nodes.entries()) {
      const first = firstHours[number] ?? -1;
      if (first !== -1 && hour >= first) there++;
      if (!Number.isNaN(node.busyThreads[hour])) known++;
    }
    const expected = Math.max(known, there - (lostNodes[hour] ?? 0));
    coverage[hour] = expected === 0 ? 0 : known / expected;
  }
  return coverage;
}

/** Below it a sum over the guests would be that of a part of them. */
export const leastCoverage = 0.8;

export const countedHours = (coverage: Float64Array): Uint8Array =>
  Uint8Array.from(coverage, (share) => Number(share >= leastCoverage));

/** Hours that do not count become NaN. */
export function onlyCounted(values: Float64Array, counted: Uint8Array): Float64Array {
  return values.map((value, hour) => (counted[hour] === 1 ? value : Number.NaN));
}

/** Used of given, both weighed by cost; NaN where nothing is given. */
export function efficiencyHours(scope: ScopeHours, { perCoreHour, perGibHour }: ResourceWeights): Float64Array {
  return scope.cpuGiven.map((given, hour) => {
    const [used, memory] = [scope.limitedCores[hour] ?? 0, (scope.memoryDemand[hour] ?? 0) / gibibyte];
    const memoryGiven = (scope.memoryGiven[hour] ?? 0) / gibibyte;
    const whole = perCoreHour * given + perGibHour * memoryGiven;
    return whole > 0 ? (perCoreHour * used + perGibHour * memory) / whole : Number.NaN;
  });
}
