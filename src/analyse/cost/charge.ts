// What a guest is charged for in a stretch of time, in unit-hours: the larger of what it was given and what it used.
import type { CostBasis } from "../../model/cost-model.ts";

/** One guest in one stretch of time. All are amounts while it ran, per hour; null where it is not known. */
export interface GuestSlot {
  /** Hours of the stretch in which the guest existed, and of them those in which it ran. */
  readonly hours: number;
  readonly runningHours: number;
  /** null: no limit (a container without cores may use the whole host). */
  readonly allocatedCores: number | null;
  readonly usedCores: number | null;
  readonly allocatedMemoryGib: number | null;
  readonly usedMemoryGib: number | null;
  /** GiB by storage class; paid whether the guest runs or not. */
  readonly storageGib: Readonly<Record<string, number>>;
  /** True when the stretch was not seen and stands as the one beside it. */
  readonly estimated: boolean;
}

export interface Charge {
  readonly quantity: number;
  readonly used: number | null;
}

/** allocated: max(allocated, used) · used: what was used, and what was given where that is not known · blended: the mean. */
export function chargedAmount(basis: CostBasis, allocated: number | null, used: number | null): number | null {
  if (allocated === null) return used;
  if (used === null) return allocated;
  switch (basis) {
    case "allocated":
      return Math.max(allocated, used);
    case "used":
      return used;
    case "blended":
      return (allocated + used) / 2;
  }
}

/** A template, which never runs, and a guest that is off pay for their disks alone. */
export function chargesOf(basis: CostBasis, slot: GuestSlot): ReadonlyMap<string, Charge> {
  const charges = new Map<string, Charge>();
  const compute = (resource: string, allocated: number | null, used: number | null): void => {
    const amount = chargedAmount(basis, allocated, used);
    if (amount === null || slot.runningHours <= 0) return;
    charges.set(resource, {
      quantity: amount * slot.runningHours,
      used: used === null ? null : used * slot.runningHours,
    });
  };
  compute("cpu", slot.allocatedCores, slot.usedCores);
  compute("memory", slot.allocatedMemoryGib, slot.usedMemoryGib);
  for (const [storageClass, gib] of Object.entries(slot.storageGib)) {
    charges.set(`storage:${storageClass}`, { quantity: gib * slot.hours, used: null });
  }
  return charges;
}
