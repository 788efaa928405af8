// High availability: which guests are managed, and where they may or should run. 8 has groups for that, 9 has rules.
import { isRunning, type SimGuest, type SimNode } from "./entities.ts";
import { createRandom, hash } from "./random.ts";

export interface HaPlan {
  /** Managed guests by vmid. */
  readonly vmids: ReadonlySet<number>;
  /** Members of a group of 8, or of the node-affinity rule that it became. */
  readonly preferred: readonly number[];
  /** Two that must not share a node. */
  readonly apart: readonly number[];
  /** With priorities, as PVE writes them: `pve1:2,pve2:1`. */
  readonly preferredNodes: string;
  readonly ruleIds: readonly [affinity: string, apart: string];
}

/** Half of the guests on shared storage. */
export function planHa(nodes: readonly SimNode[], guests: readonly SimGuest[], seed: number): HaPlan {
  const managed = guests.filter(
    (guest) => guest.storage === "ceph-1" && !guest.template && hash(seed ^ 91, guest.vmid) % 2 === 0,
  );
  const vmids = managed.map((guest) => guest.vmid);
  const random = createRandom(hash(seed, 8001));
  const rule = (): string => `ha-rule-${random.hex(8)}-${random.hex(4)}`;
  const [first, second] = nodes;
  const names = [first && `${first.name}:2`, second && `${second.name}:1`].filter((name) => name !== undefined);
  return {
    vmids: new Set(nodes.length > 1 ? vmids : []),
    preferred: vmids.slice(0, 3),
    apart: vmids.slice(3, 5),
    preferredNodes: names.join(","),
    ruleIds: [rule(), rule()],
  };
}

export const preferredGroup = "prefer-first";

export const sidOf = (guest: SimGuest): string => `${guest.type === "qemu" ? "vm" : "ct"}:${guest.vmid}`;

/** As the cluster's manager sees it. A service of a lost node is fenced; here it waits there until the node is back. */
export function serviceState(guest: SimGuest, nodeIsOnline: boolean): "started" | "stopped" | "fence" {
  if (!nodeIsOnline) return "fence";
  return isRunning(guest) ? "started" : "stopped";
}
