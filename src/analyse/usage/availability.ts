// Availability from observed intervals: up is running, down is not running although watched, or on a node that the quorum
// calls lost, from its last sample until the guest runs elsewhere. Unknown is only what nobody watched.
import { finePerHour } from "./known-time.ts";

export interface WatchedGuest {
  /** By hour: share that it ran, of the part that is known; NaN where nothing is. */
  readonly running: Float64Array;
  /** By five minutes, for hours in which a node was lost; elsewhere unused. */
  readonly fine: Float64Array | undefined;
}

export interface WatchedTime {
  /** By hour. */
  readonly watchedShare: Float64Array;
  /** By five minutes. */
  readonly watched: Uint8Array;
  readonly nodesLost: Uint8Array;
  /** By hour: 1 where `fine` is to be looked at. */
  readonly lostHours: Uint8Array;
  /** By hour: 1 in planned maintenance. */
  readonly maintenance: Uint8Array;
}

export interface AvailabilityHours {
  readonly up: Float64Array;
  readonly down: Float64Array;
  /** Not watched, or the guest's own values were missing while its node was there. */
  readonly unknown: Float64Array;
  readonly maintenance: number;
}

/** Hours of each hour, from the first one in which the guest was seen on. */
export function availabilityOf(guest: WatchedGuest, time: WatchedTime): AvailabilityHours {
  const hours = guest.running.length;
  const result = { up: new Float64Array(hours), down: new Float64Array(hours), unknown: new Float64Array(hours) };
  let maintenance = 0;
  let seen = false;
  for (let hour = 0; hour < hours; hour++) {
    const ran = guest.running[hour] ?? Number.NaN;
    const before = seen;
    seen ||= !Number.isNaN(ran);
    if (!seen) continue;
    if (time.maintenance[hour] === 1) {
      maintenance++;
      continue;
    }
    const { up, down } =
      time.lostHours[hour] === 1 && guest.fine !== undefined
        ? stepByStep(guest.fine, time, hour, before)
        : wholeHour(ran, time.watchedShare[hour] ?? 0);
    result.up[hour] = up;
    result.down[hour] = down;
    result.unknown[hour] = Math.max(0, 1 - up - down);
  }
  return { ...result, maintenance };
}

const wholeHour = (ran: number, watched: number): { readonly up: number; readonly down: number } =>
  Number.isNaN(ran) ? { up: 0, down: 0 } : { up: watched * ran, down: watched * (1 - ran) };

/** `seen`: known to exist before this hour. */
function stepByStep(fine: Float64Array, { watched, nodesLost }: WatchedTime, hour: number, seen: boolean) {
  let [up, down, exists] = [0, 0, seen];
  for (let step = hour * finePerHour; step < (hour + 1) * finePerHour; step++) {
    const ran = fine[step] ?? Number.NaN;
    exists ||= !Number.isNaN(ran);
    if (watched[step] !== 1) continue;
    if (!Number.isNaN(ran)) {
      up += ran;
      down += 1 - ran;
      // Absent while its node is lost is down; absent with all nodes there is a reading that is missing.
    } else if (exists && (nodesLost[step] ?? 0) > 0) down++;
  }
  return { up: up / finePerHour, down: down / finePerHour };
}

export interface Outages {
  /** That began in the window. */
  readonly failures: number;
  /** That ended in it, and how long they were. */
  readonly ended: number;
  readonly endedHours: number;
}

/** A minute: shorter is the breath of a restart. */
const shortest = 1 / 60;

/** Outages are hours with downtime that follow each other; two within one hour are one. */
export function outagesOf({ up, down }: Pick<AvailabilityHours, "up" | "down">): Outages {
  const found = { failures: 0, ended: 0, endedHours: 0 };
  let open = 0;
  // An outage that was there when the window began did not begin in it.
  let first = true;
  for (let hour = 0; hour < down.length; hour++) {
    const [upHours, downHours] = [up[hour] ?? 0, down[hour] ?? 0];
    if (upHours + downHours === 0) continue;
    if (downHours > shortest) {
      if (open === 0 && !(first && upHours === 0)) found.failures++;
      open += downHours;
    } else if (open > 0) {
      found.ended++;
      found.endedHours += open;
      open = 0;
    }
    first = false;
  }
  return found;
}
