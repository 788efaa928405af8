// What the job `kpis` leaves behind: key figures by scope with the numbers they follow from, and utilization of everything.
import type { ClusterId, EntityId } from "./ids.ts";

/** What key figures and utilization are given for, besides the fleet, which is put together from the clusters. */
export const kpiScopeTypes = ["cluster", "pool", "tag"] as const;
export type KpiScopeType = (typeof kpiScopeTypes)[number];

/** Named numbers with their unit in the name; null where one is not known. */
export type KpiInputs = Readonly<Record<string, number | null>>;

/** One key figure of one scope: what it is made of. Its value follows from the catalogue (kpi-catalogue.ts). */
export interface KpiMeasure {
  readonly id: string;
  readonly inputs: KpiInputs;
  /** Share of the window that is known, 0 to 1; null where a KPI is of this moment and has no window. */
  readonly coverage: number | null;
  /** Why there is no value, in words ("needs …, has …"); null when there is one. */
  readonly state: string | null;
}

export interface KpiScope {
  readonly type: KpiScopeType;
  /** Name of the pool or tag; empty for the cluster. */
  readonly key: string;
  readonly guests: number;
  readonly measures: readonly KpiMeasure[];
}

/** Document `kpis`, one per cluster. */
export interface KpisDocument {
  readonly fromMs: number;
  readonly toMs: number;
  /** How prices weigh cores against memory in the efficiency. */
  readonly weights: ResourceWeights;
  readonly timeZone: string;
  readonly scopes: readonly KpiScope[];
}

/** What a core-hour and a GiB-hour cost, in any currency: only their ratio counts. */
export interface ResourceWeights {
  readonly perCoreHour: number;
  readonly perGibHour: number;
  /** Where they come from, in words. */
  readonly source: string;
}

export const utilizationWindows = ["1d", "7d", "30d"] as const;
export type UtilizationWindow = (typeof utilizationWindows)[number];
export const windowDays: Readonly<Record<UtilizationWindow, number>> = { "1d": 1, "7d": 7, "30d": 30 };

export const utilizationTypes = ["guest", "node", "cluster", "pool", "tag"] as const;
export type UtilizationType = (typeof utilizationTypes)[number];

/** Document `utilization`, one per cluster and window (its key). */
export interface UtilizationDocument {
  readonly fromMs: number;
  readonly toMs: number;
  readonly items: readonly UtilizationItem[];
}

export interface UtilizationItem {
  readonly type: UtilizationType;
  readonly cluster: ClusterId;
  /** The guest, node or cluster itself; the scope's id of pools and tags. */
  readonly id: EntityId;
  readonly name: string;
  readonly node: string | null;
  readonly guests: number;
  /** Share of the window that is known. */
  readonly coverage: number;
  /** Why there are no figures; null when there are. */
  readonly state: string | null;
  readonly cpu: ResourceUse;
  readonly memory: ResourceUse;
  /** Where the memory figure comes from; null where several sources were added up. */
  readonly memorySource: string | null;
  readonly disk: { readonly usedBytes: number | null; readonly allocatedBytes: number | null };
  /** Used of allocated, weighted by cost. */
  readonly efficiency: number | null;
}

/** Cores or bytes. */
export interface ResourceUse {
  /** What there is to use: usable capacity; for a guest what it is given. null for pools and tags, which have none. */
  readonly capacity: number | null;
  readonly allocated: number | null;
  readonly avg: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** 95th percentile of the hours' means in business hours. */
  readonly businessP95: number | null;
  /** samples: percentiles of ten-second samples · hours: of the hours' means, whose peaks are lower */
  readonly of: "samples" | "hours";
}
