// How much more a cluster can take, for how long, and which of its nodes may fail: what the job `capacity` leaves behind
// under this name, one document per cluster. Amounts of CPU are unshared cores (docs/capacity.md), others bytes.
import type { EntityId } from "./ids.ts";
import type { NodeFailure } from "./node-failure.ts";

export const capacityResources = ["cpu", "memory", "storage"] as const;
export type CapacityResource = (typeof capacityResources)[number];

/** Why there is no forecast, for programs and people. */
export interface NoOutlook {
  readonly code: string;
  /** "needs 14 days, has 3". */
  readonly reason: string;
}

/** How long until what is needed passes what is usable. */
export type TimeRemaining =
  /** It does so already. */
  | { readonly state: "over" }
  | {
      readonly state: "forecast";
      /** Days until the upper end of the 90 % interval passes it; null: not within the horizon. */
      readonly conservativeDays: number | null;
      /** Days until the mean does. */
      readonly meanDays: number | null;
      readonly horizonDays: number;
    }
  | ({ readonly state: "none" } & NoOutlook);

export interface CapacityLine {
  readonly resource: CapacityResource;
  readonly total: number | null;
  /** Kept free for the loss of a node. */
  readonly reserve: number;
  /** What the hosts need for themselves. */
  readonly overhead: number;
  readonly usable: number | null;
  /** Needed at most in the next three days: by the forecast, else the 95th percentile of 30 days, else the newest value. */
  readonly peak: number | null;
  readonly peakFrom: "forecast" | "p95" | "newest" | "none";
  /** Mean of 30 days; null where it is not kept. */
  readonly mean: number | null;
  /** Held by committed scenarios. */
  readonly reserved: number;
  /** usable − peak − reserved; below 0 when there is too little. */
  readonly remaining: number | null;
  readonly time: TimeRemaining;
  /** How usable follows from total, where that is not plain. */
  readonly notes: readonly string[];
}

export interface GuestSize {
  readonly cpuCores: number;
  readonly memoryBytes: number;
  /** Null where no configuration tells the size of disks. */
  readonly diskBytes: number | null;
}

export interface GuestsRemaining {
  readonly count: number;
  /** What runs out first: a resource, or `room` where no single node has enough of everything. */
  readonly limitedBy: CapacityResource | "room";
}

export interface ScopeCapacity {
  readonly kind: "cluster" | "node" | "storage";
  /** Of an entity; of a backing that several storages share, that of the first. */
  readonly id: EntityId;
  /** The device class, where one storage lies on several kinds of Ceph's disks; else empty. */
  readonly part: string;
  readonly name: string;
  readonly lines: readonly CapacityLine[];
  /** Guests of the average size that still fit; null where their size or what remains is not known. */
  readonly guestsRemaining: GuestsRemaining | null;
}

export interface NeedCounts {
  readonly measured: number;
  readonly latest: number;
  readonly allocated: number;
}

export interface CapacityDocument {
  /** One sentence that says it all. */
  readonly sentence: string;
  readonly cluster: ScopeCapacity;
  readonly nodes: readonly ScopeCapacity[];
  /** Each backing once. */
  readonly storages: readonly ScopeCapacity[];
  readonly failures: readonly NodeFailure[];
  /** Mean of the running guests, at their 95th percentile; null when none runs. */
  readonly averageGuest: GuestSize | null;
  /** How the needs of the running guests are known. */
  readonly needs: NeedCounts;
  /** Names of the committed scenarios that are subtracted. */
  readonly committed: readonly string[];
  /** Committed ones that cannot be subtracted any more, and why. */
  readonly notApplicable: readonly { readonly name: string; readonly why: string }[];
}

/** Forecast of a series in steps of a day; `capacity-outlook`, kept because it only changes once a day. */
export interface SeriesOutlook {
  /** Null when there is a forecast. */
  readonly none: NoOutlook | null;
  readonly mean: readonly number[];
  /** Upper end of the 90 % interval. */
  readonly upper: readonly number[];
  /** 95th percentile and mean of the last 30 days; null without values. */
  readonly recent: { readonly p95: number; readonly mean: number } | null;
}

export interface CapacityOutlook {
  /** Begin of the first day that is forecast, UTC. */
  readonly fromMs: number;
  /** `cpu`, `memory`, `node/NAME/cpu`, `node/NAME/memory`, `storage/BACKING`. */
  readonly series: Readonly<Record<string, SeriesOutlook>>;
}

/** `capacity-needs`: what each running guest needs, so that a question need not ask the store again. */
export interface CapacityNeeds {
  /** By guest: cores and bytes at the 95th percentile, cores and bytes on average, how they are known. */
  readonly guests: readonly (readonly [
    EntityId,
    number,
    number,
    number,
    number,
    "measured" | "latest" | "allocated",
  ])[];
}
