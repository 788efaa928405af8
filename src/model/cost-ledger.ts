// What the cost ledger keeps: for each UTC day and month of a cluster what every guest cost, whose it was then, and what
// was left over. Money is whole millionths of the currency, so that lines add up to the total without a remainder.
import type { CostSplit } from "./cost-model.ts";
import type { EntityId } from "./ids.ts";

/** `cpu` (core-hours), `memory` (GiB-hours), `storage:CLASS` (GiB-hours). */
export type CostResource = string;

export const storageResource = (storageClass: string): CostResource => `storage:${storageClass}`;
export const storageClassOf = (resource: CostResource): string | null =>
  resource.startsWith("storage:") ? resource.slice("storage:".length) : null;

export interface CostUse {
  /** Charged, in unit-hours, before a container's discount. */
  readonly quantity: number;
  /** Used, in unit-hours; null where that is not known (disks). */
  readonly used: number | null;
  readonly micros: number;
}

/** Whose a guest was, and where, at the time. A guest that was given another tag within the day has two lines. */
export interface CostOwner {
  readonly id: EntityId;
  readonly name: string;
  readonly type: "qemu" | "lxc";
  readonly node: string;
  readonly pool: string | null;
  readonly tags: readonly string[];
  readonly owner: string | null;
  readonly ownerBy: "tag" | "pool" | "name" | null;
  readonly environment: string | null;
  /** False when a mandatory tag was missing. */
  readonly compliant: boolean;
}

export interface CostLine extends CostOwner {
  /** Hours that it existed. */
  readonly hours: number;
  /** How many of them were not seen and are charged as those beside them. */
  readonly estimatedHours: number;
  readonly use: Readonly<Record<CostResource, CostUse>>;
}

export interface SharedLine {
  readonly name: string;
  readonly split: CostSplit;
  readonly micros: number;
}

export interface CostPeriod {
  /** `2026-11-24` or `2026-11`. */
  readonly period: string;
  /** closed: it never changes again. */
  readonly state: "running" | "closed";
  /** ISO 4217. */
  readonly currency: string;
  /** What the lines cover so far. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Of them with a tariff in force. */
  readonly hours: number;
  /** True when some of it was computed afterwards, with the tags, pools and disks of then. */
  readonly estimated: boolean;
  readonly tariffs: readonly string[];
  /** The sum of all lines, to the millionth. */
  readonly totalMicros: number;
  readonly guests: readonly CostLine[];
  /** What was there and nobody was charged for. */
  readonly idle: Readonly<Record<CostResource, CostUse>>;
  readonly idleShare: CostSplit;
  readonly shared: readonly SharedLine[];
  /** Estimate by the power model; null without one. */
  readonly energyKwh: number | null;
  /** Of a month: each of its days. */
  readonly days?: readonly { readonly period: string; readonly totalMicros: number; readonly idleMicros: number }[];
}

/** Where the ledger of a cluster stands. */
export interface CostLedgerState {
  /** The first day it has. */
  readonly firstDay: string;
  /** The first day that is not closed: everything before it never changes again. */
  readonly openFrom: string;
  /** The first month that is not closed. */
  readonly openMonth: string;
  /** When history from before the first run had all been computed; null while it is under way. */
  readonly backfilledAt: number | null;
}

/** Days have their day as key, months their month; a month in which the currency changed has one document of each. */
export const costDocuments = { day: "cost-day", month: "cost-month", state: "cost-ledger" } as const;
