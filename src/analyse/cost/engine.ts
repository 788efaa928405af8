// From what guests were given and used, and the tariff in force, to lines that add up to what was entered: every guest's
// resources, what was idle, what is shared, what nodes cost whatever runs.

import {
  type CostLine,
  type CostOwner,
  type CostPeriod,
  type CostUse,
  type SharedLine,
  storageClassOf,
  storageResource,
} from "../../model/cost-ledger.ts";
import type { CostModel, CostPart, Tariff } from "../../model/cost-model.ts";
import { hourMs, hoursOfMonth } from "./calendar.ts";
import { type Charge, chargesOf, type GuestSlot } from "./charge.ts";
import { apportion, toMicros } from "./money.ts";
import { potsOf, type Supply, storageRate, tariffAt } from "./tariff.ts";

/** A stretch of time, an hour as a rule, that lies in one day. */
export interface CostSlot {
  readonly startMs: number;
  readonly hours: number;
  /** How many nodes there were, running or not. */
  readonly nodes: number;
  readonly cores: number;
  readonly memoryGib: number;
  /** By storage id, each backing once. */
  readonly storageGib: Readonly<Record<string, number>>;
  /** PVE's type of each storage (rbd, nfs, lvmthin, …), which may have a price of its own. */
  readonly storageTypes: Readonly<Record<string, string>>;
  /** By the number of the guest in the list of owners; a guest that did not exist has none. */
  readonly guests: ReadonlyMap<number, GuestSlot>;
  /** By the power model; null without one. */
  readonly energyKwh: number | null;
}

/** What was computed of a stretch of time: a period of the ledger, or a part of one. */
export type CostSlice = Omit<CostPeriod, "period" | "state" | "days">;

/** The line for what each node costs, whatever runs on it. */
export const fixedLineName = "Nodes, fixed";

/**
 * Lines are rounded to millionths at the end, by the largest remainder: their sum is the rounded sum of what the
 * slots cost. Slots without a tariff in force cost nothing and are not counted in `hours`.
 */
export function costSlice(model: CostModel, owners: readonly CostOwner[], slots: readonly CostSlot[]): CostSlice {
  const account = new Account(owners);
  const tariffs = new Set<string>();
  let hours = 0;
  for (const slot of slots) {
    const tariff = tariffAt(model, slot.startMs);
    if (tariff === null) continue;
    tariffs.add(tariff.name);
    hours += slot.hours;
    chargeSlot(account, model, tariff, slot);
  }
  return { ...account.close(), ...spanOf(slots), hours, ...staticParts(model, tariffs), energyKwh: energyOf(slots) };
}

const staticParts = (model: CostModel, tariffs: ReadonlySet<string>) => ({
  currency: model.currency,
  idleShare: model.idleShare,
  tariffs: [...tariffs],
  estimated: false,
});

function spanOf(slots: readonly CostSlot[]): { readonly fromMs: number; readonly toMs: number } {
  const last = slots.at(-1);
  const fromMs = slots[0]?.startMs ?? 0;
  return { fromMs, toMs: last === undefined ? fromMs : last.startMs + last.hours * hourMs };
}

function energyOf(slots: readonly CostSlot[]): number | null {
  const known = slots.flatMap(({ energyKwh }) => (energyKwh === null ? [] : [energyKwh]));
  return known.length === 0 ? null : known.reduce((sum, kwh) => sum + kwh, 0);
}

function chargeSlot(account: Account, model: CostModel, tariff: Tariff, slot: CostSlot): void {
  const charges = new Map([...slot.guests].map(([guest, use]) => [guest, chargesOf(model.basis, use)] as const));
  const factorOf = (guest: number, resource: string): number =>
    account.isContainer(guest) && !resource.startsWith("storage:") ? model.containerFactor : 1;
  for (const [guest, use] of slot.guests) account.saw(guest, use);
  const supplies = suppliesOf(model, tariff, slot, charges, factorOf);
  const pots = potsOf(tariff, supplies, slot.hours, slot.startMs);
  for (const [index, supply] of supplies.entries()) {
    account.split(pots[index] ?? 0, supply, charges, (guest) => factorOf(guest, supply.resource));
  }
  const months = slot.hours / hoursOfMonth(slot.startMs);
  for (const { name, split, perMonth } of tariff.sharedCosts) account.share(name, split, perMonth * months);
  if (tariff.nodeFixedMonth > 0) account.share(fixedLineName, "none", tariff.nodeFixedMonth * slot.nodes * months);
}

type Charges = ReadonlyMap<number, ReadonlyMap<string, Charge>>;

/** Every resource that is there or is charged, CPU and memory first. */
function suppliesOf(
  model: CostModel,
  tariff: Tariff,
  slot: CostSlot,
  charges: Charges,
  factorOf: (guest: number, resource: string) => number,
): Supply[] {
  const charged = new Map<string, number>();
  for (const [guest, own] of charges) {
    for (const [resource, { quantity }] of own) {
      charged.set(resource, (charged.get(resource) ?? 0) + quantity * factorOf(guest, resource));
    }
  }
  const { rates } = tariff;
  const supply = (resource: string, part: CostPart, base: number, capacity: number): Supply => ({
    ...{ resource, part, base },
    physical: capacity * slot.hours,
    available: capacity * slot.hours * model.targetOvercommit[part],
    charged: charged.get(resource) ?? 0,
  });
  const storages = new Set([
    ...Object.keys(slot.storageGib),
    ...[...charged.keys()].flatMap((resource) => storageClassOf(resource) ?? []),
  ]);
  return [
    supply("cpu", "cpu", rates.cpuPerCoreHour, slot.cores),
    supply("memory", "memory", rates.memoryPerGibHour, slot.memoryGib),
    ...[...storages].sort().map((storage) => {
      const perMonth = storageRate(rates, { storage, type: slot.storageTypes[storage] ?? null });
      // A month's price by the real hours of its month: a GiB that is there all February costs what it costs all March.
      const base = perMonth / hoursOfMonth(slot.startMs);
      return supply(storageResource(storage), "storage", base, slot.storageGib[storage] ?? 0);
    }),
  ];
}

interface Tally {
  cost: number;
  quantity: number;
  used: number | null;
}
interface GuestTally {
  hours: number;
  estimatedHours: number;
  readonly use: Map<string, Tally>;
}

/** Sums up slots in exact amounts, and rounds once at the end. */
class Account {
  readonly #owners: readonly CostOwner[];
  readonly #guests: readonly GuestTally[];
  readonly #idle = new Map<string, Tally>();
  readonly #shared = new Map<string, { readonly split: SharedLine["split"]; cost: number }>();
  #total = 0;

  constructor(owners: readonly CostOwner[]) {
    this.#owners = owners;
    this.#guests = owners.map(() => ({ hours: 0, estimatedHours: 0, use: new Map() }));
  }

  isContainer(guest: number): boolean {
    return this.#owners[guest]?.type === "lxc";
  }

  saw(guest: number, { hours, estimated }: GuestSlot): void {
    const tally = this.#guests[guest];
    if (tally === undefined) return;
    tally.hours += hours;
    if (estimated) tally.estimatedHours += hours;
  }

  /**
   * rate = pot / max(available, charged); what the guests do not take is idle, and never below nothing. Written as shares
   * of the pot: a rate of almost nothing by almost nothing could be anything.
   */
  split(pot: number, supply: Supply, charges: Charges, factorOf: (guest: number) => number): void {
    const { resource, available, charged } = supply;
    const base = Math.max(available, charged);
    this.#total += pot;
    for (const [guest, own] of charges) {
      const charge = own.get(resource);
      if (charge === undefined) continue;
      const weight = charge.quantity * factorOf(guest);
      add(this.#guests[guest]?.use, resource, { cost: weight > 0 ? pot * (weight / base) : 0, ...charge });
    }
    const left = Math.max(0, available - charged);
    const cost = charged > 0 ? pot * (left / base) : pot;
    if (left > 0 || cost > 0) add(this.#idle, resource, { cost, quantity: left, used: null });
  }

  share(name: string, split: SharedLine["split"], cost: number): void {
    const line = this.#shared.get(name) ?? { split, cost: 0 };
    line.cost += cost;
    this.#shared.set(name, line);
    this.#total += cost;
  }

  close(): Pick<CostSlice, "totalMicros" | "guests" | "idle" | "shared"> {
    const totalMicros = toMicros(this.#total);
    const uses = [...this.#guests.map(({ use }) => use), this.#idle].flatMap((use) => [...use.values()]);
    const costs = [...uses.map(({ cost }) => cost), ...[...this.#shared.values()].map(({ cost }) => cost)];
    const micros = apportion(totalMicros, costs)[Symbol.iterator]();
    const next = (): number => micros.next().value ?? 0;
    const guests: CostLine[] = [];
    for (const [index, owner] of this.#owners.entries()) {
      const { use = new Map<string, Tally>(), hours = 0, estimatedHours = 0 } = this.#guests[index] ?? {};
      const line = { ...owner, hours, estimatedHours, use: rounded(use, next) };
      if (hours > 0) guests.push(line);
    }
    return {
      totalMicros,
      guests,
      idle: rounded(this.#idle, next),
      shared: [...this.#shared].map(([name, { split }]) => ({ name, split, micros: next() })),
    };
  }
}

function add(into: Map<string, Tally> | undefined, resource: string, { cost, quantity, used }: Tally): void {
  if (into === undefined) return;
  const held = into.get(resource);
  if (held === undefined) into.set(resource, { cost, quantity, used });
  else {
    held.cost += cost;
    held.quantity += quantity;
    if (used !== null) held.used = (held.used ?? 0) + used;
  }
}

/** Quantities keep six digits: they are for people, and documents are many. */
function rounded(use: ReadonlyMap<string, Tally>, micros: () => number): Record<string, CostUse> {
  const round = (value: number): number => Number(value.toFixed(6));
  return Object.fromEntries(
    [...use].map(([resource, { quantity, used }]) => [
      resource,
      { quantity: round(quantity), used: used === null ? null : round(used), micros: micros() },
    ]),
  );
}
