// What is entered about money: per cluster a currency, tariffs with the time they are in force, budgets, who pays for what.

/** What a guest pays for: what it was given, what it used, or the mean of both. */
export const costBases = ["allocated", "used", "blended"] as const;
export type CostBasis = (typeof costBases)[number];

/** How a cost that is nobody's own is shared: among all alike, by what each costs by itself, or not at all. */
export const costSplits = ["none", "even", "weighted"] as const;
export type CostSplit = (typeof costSplits)[number];

/** What purchases pay for. */
export const costParts = ["cpu", "memory", "storage"] as const;
export type CostPart = (typeof costParts)[number];

export interface CostModel {
  /** ISO 4217. */
  readonly currency: string;
  readonly basis: CostBasis;
  /** What a container's cores and memory cost, relative to a VM's. */
  readonly containerFactor: number;
  /** Of planned prices and run rates; closed periods have their real hours. */
  readonly hoursPerMonth: number;
  /** How many times its physical capacity a resource is meant to be given away. */
  readonly targetOvercommit: Readonly<Record<CostPart, number>>;
  readonly idleShare: CostSplit;
  /** By their begin; they do not overlap. Empty: no rates entered, and so no money anywhere. */
  readonly tariffs: readonly Tariff[];
  readonly attribution: AttributionRules;
  readonly budgets: readonly Budget[];
  readonly units: readonly UnitCount[];
  readonly power: PowerModel | null;
}

export interface Tariff {
  /** Which one it is, for people: the day it begins, or "always". */
  readonly name: string;
  /** Begin of a UTC day, milliseconds since the epoch; null: since ever. */
  readonly fromMs: number | null;
  /** null: until the next one begins. */
  readonly untilMs: number | null;
  /** Prices; with purchases only their ratio counts. */
  readonly rates: Rates;
  /** What each node costs in a month, whatever runs on it. */
  readonly nodeFixedMonth: number;
  readonly energyPerKwh: number | null;
  /** With at least one, rates are derived from them. */
  readonly purchases: readonly Purchase[];
  readonly sharedCosts: readonly SharedCost[];
}

export interface Rates {
  readonly cpuPerCoreHour: number;
  readonly memoryPerGibHour: number;
  readonly storagePerGibMonth: number;
  /** By the storage's id or its type (rbd, nfs, lvmthin, …); the id goes first. */
  readonly storageClasses: Readonly<Record<string, number>>;
}

/** Something bought that is paid off over its years, with what it costs to run. All of it together, not per piece. */
export interface Purchase {
  readonly name: string;
  readonly price: number;
  readonly residual: number;
  readonly years: number;
  /** Mean draw at the plug. */
  readonly powerKw: number;
  /** Power of the site over power of the machines. */
  readonly pue: number;
  readonly licencesPerYear: number;
  readonly staffPerMonth: number;
  readonly paysFor: readonly CostPart[];
}

export interface SharedCost {
  readonly name: string;
  readonly perMonth: number;
  readonly split: CostSplit;
}

/** Whose a guest is: by the first prefix that one of its tags has, else by its pool, else by its name. */
export interface AttributionRules {
  readonly tagPrefixes: readonly string[];
  /** Owner by pool; a pool that is not listed is its own owner. */
  readonly pools: Readonly<Record<string, string>>;
  readonly names: readonly { readonly pattern: string; readonly owner: string }[];
  readonly environmentPrefixes: readonly string[];
  /** A guest complies when it has a tag of each. */
  readonly mandatoryPrefixes: readonly string[];
}

export const costScopeTypes = ["cluster", "tag", "pool", "owner", "environment"] as const;
export type CostScopeType = (typeof costScopeTypes)[number];

/** `key` is empty for the whole cluster. */
export interface CostScope {
  readonly type: CostScopeType;
  readonly key: string;
}

export interface Budget {
  readonly name: string;
  readonly scope: CostScope;
  readonly perMonth: number;
}

/** How many of something a scope serves, for the cost of one: users, deploys, desks. */
export interface UnitCount {
  readonly name: string;
  readonly scope: CostScope;
  readonly perMonth: number;
}

/** Power of one node: a straight line from idle to full load. */
export interface PowerModel {
  readonly idleWatts: number;
  readonly maxWatts: number;
  readonly pue: number;
  readonly co2KgPerKwh: number | null;
}
