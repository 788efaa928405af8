// What the inputs of key figures are taken from: one scope of one cluster, with the month behind it.
import type { AnalysisSettings } from "../../model/analysis-settings.ts";
import type { FactsView } from "../../model/facts.ts";
import type { EntityId } from "../../model/ids.ts";
import type { KpiInputs, KpiMeasure, KpiScopeType, ResourceWeights } from "../../model/kpis.ts";
import type { AvailabilityHours } from "../usage/availability.ts";
import type { ClusterUsage } from "../usage/cluster-usage.ts";
import type { GuestHours } from "../usage/guest-hours.ts";
import { leastCoverage, type ScopeHours } from "../usage/scope-hours.ts";

export interface ScopeOfGuests {
  readonly type: KpiScopeType;
  /** Name of the pool or tag; empty for the cluster. */
  readonly key: string;
  /** Gone ones included. */
  readonly guests: readonly GuestHours[];
}

/** What is known of the data itself, by node. */
export interface NodeData {
  /** Hours that samples or averages stand for. */
  readonly knownHours: number;
  /** Of them known only as averages of Proxmox VE's history. */
  readonly averagedHours: number;
}

export interface Given {
  readonly nowMs: number;
  readonly settings: Omit<AnalysisSettings, "clusters">;
  readonly facts: FactsView;
  readonly usage: ClusterUsage;
  readonly scope: ScopeOfGuests;
  readonly hours: ScopeHours;
  readonly weights: ResourceWeights;
  readonly businessHours: Uint8Array;
  /** Of guests that should run. */
  readonly availability: ReadonlyMap<string, AvailabilityHours>;
  readonly nodeData: readonly NodeData[];
  /** VMs whose agent tells of the memory inside. */
  readonly measurable: ReadonlySet<EntityId>;
  /** Ages of the oldest node's newest sample, by five minutes of the last day. */
  readonly staleness: Float64Array;
}

/** The inputs of some key figures of a scope; those that the scope does not have are left out. */
export type Measures = (given: Given) => readonly KpiMeasure[];

/** A figure of this moment: it has no window. */
export const ofNow = (id: string, inputs: KpiInputs, state: string | null = null): KpiMeasure => ({
  id,
  inputs,
  coverage: null,
  state: state ?? unknownInputs(inputs),
});

/** A figure of the window: below 80 % known it says what it needs and has. */
export function ofWindow(
  id: string,
  inputs: KpiInputs,
  { coverage, days }: { readonly coverage: number; readonly days: number },
  state: string | null = null,
): KpiMeasure {
  const needs = coverage < leastCoverage ? needsAndHas(coverage, days) : null;
  return { id, inputs, coverage, state: needs ?? state ?? unknownInputs(inputs) };
}

/** "needs 24 of 30 days, has 3.2" */
export function needsAndHas(coverage: number, days: number): string {
  const words = (share: number): string => String(Math.floor(share * days * 10) / 10);
  return `needs ${words(leastCoverage)} of ${days} ${days === 1 ? "day" : "days"}, has ${words(coverage)}`;
}

function unknownInputs(inputs: KpiInputs): string | null {
  const unknown = Object.entries(inputs).flatMap(([name, value]) => (value === null ? [name] : []));
  return unknown.length === 0 ? null : `not known: ${unknown.join(", ")}`;
}

export const daysOf = ({ usage }: Given): number => usage.range.count / 24;

/** The window's length, and the share of its hours that sums are made of. */
export function windowOf(given: Given): { readonly coverage: number; readonly days: number } {
  let hours = 0;
  for (const counts of given.usage.counted) hours += counts;
  return { coverage: hours / given.usage.range.count, days: daysOf(given) };
}

/** NaN is what is not known. */
export const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
