// Replication jobs: some guests on ZFS are copied to another node's pool every quarter of an hour.
import type { SimGuest, SimNode } from "./entities.ts";
import { hash } from "./random.ts";

export interface ReplicationJob {
  /** `<vmid>-<n>`. */
  readonly id: string;
  readonly guest: number;
  readonly number: number;
  /** Where the copy goes. When the guest moves there, PVE turns the direction round. */
  target: string;
  readonly schedule: "*/15" | "*/30";
  /** MB/s, when it is limited. */
  readonly rate: number | undefined;
  /** Fails at every try since then. */
  readonly failsSinceS: number | undefined;
}

const dayS = 86_400;

/** Every fourth guest on ZFS; the last of the jobs has failed for two days. */
export function planReplication(
  nodes: readonly SimNode[],
  guests: readonly SimGuest[],
  seed: number,
  anchorS: number,
): readonly ReplicationJob[] {
  const targets = nodes.filter((node) => node.hardware.zfs).map((node) => node.name);
  if (targets.length < 2) return [];
  const copied = guests.filter(
    (guest) => guest.storage === "local-zfs" && !guest.template && hash(seed ^ 61, guest.vmid) % 4 === 0,
  );
  return copied.map((guest, index) => {
    const others = targets.filter((name) => name !== guest.node);
    const target = others[guest.vmid % others.length] ?? guest.node;
    return {
      id: `${guest.vmid}-0`,
      guest: guest.vmid,
      number: 0,
      target,
      schedule: index % 3 === 0 ? "*/30" : "*/15",
      rate: index % 4 === 1 ? 100 : undefined,
      failsSinceS: index === copied.length - 1 && copied.length > 1 ? anchorS - 2 * dayS : undefined,
    };
  });
}

export interface ReplicationState {
  readonly lastTryS: number;
  readonly lastSyncS: number;
  readonly nextS: number;
  readonly failures: number;
  readonly durationS: number;
}

/** Tries lie on the schedule's minutes; after a failure PVE waits longer each time, up to half an hour. */
export function replicationState(job: ReplicationJob, nowS: number): ReplicationState {
  const periodS = job.schedule === "*/15" ? 900 : 1800;
  const last = Math.floor(nowS / periodS) * periodS;
  const durationS = 2 + (hash(job.guest, last) % 900) / 100;
  if (job.failsSinceS === undefined || nowS < job.failsSinceS) {
    return { lastTryS: last, lastSyncS: last, nextS: last + periodS, failures: 0, durationS };
  }
  const retryS = 1800;
  const lastTryS = Math.floor(nowS / retryS) * retryS;
  return {
    lastTryS,
    lastSyncS: Math.floor(job.failsSinceS / periodS) * periodS,
    nextS: lastTryS + retryS,
    failures: Math.floor((lastTryS - job.failsSinceS) / retryS) + 1,
    durationS,
  };
}
