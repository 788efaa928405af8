// The shapes of /api/v1 that the page reads: entities with their latest values, tasks, problems and jobs (snake_case).

export interface Described {
  readonly id: string;
  readonly cluster: string;
  readonly name: string;
  readonly first_seen_at: string | null;
  readonly last_seen_at: string | null;
  readonly gone_at: string | null;
  /** Link into PVE's own page. */
  readonly web_url: string | null;
  /** Newest value of each metric; absent ones are missing, never 0. */
  readonly values: Readonly<Record<string, number>>;
  readonly values_at: string | null;
  readonly period_seconds: number;
}

export interface ClusterItem extends Described {
  readonly kind: "cluster";
  readonly release: string | null;
  readonly quorate: boolean | null;
  readonly simulated: boolean;
  readonly notes: readonly string[];
}

export interface NodeItem extends Described {
  readonly kind: "node";
  readonly status: string;
  readonly ha_state: string | null;
  readonly address: string | null;
  readonly version: string | null;
}

export interface GuestItem extends Described {
  readonly kind: "guest";
  readonly vmid: number;
  readonly generation: number;
  readonly type: "qemu" | "lxc";
  readonly node: string;
  readonly status: string;
  readonly template: boolean;
  readonly lock: string | null;
  readonly tags: readonly string[];
  readonly pool: string | null;
  readonly ha_state: string | null;
}

export interface StorageItem extends Described {
  readonly kind: "storage";
  readonly storage: string;
  readonly node: string | null;
  readonly nodes: readonly string[];
  readonly shared: boolean;
  readonly status: string;
  readonly plugin_type: string | null;
  readonly content: readonly string[];
}

export type FleetItem = ClusterItem | NodeItem | GuestItem | StorageItem;

export interface TaskItem {
  readonly upid: string;
  readonly cluster: string;
  readonly node: string;
  readonly type: string;
  readonly subject: string;
  readonly guest_id: string | null;
  readonly user: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly state: "running" | "ok" | "warning" | "failed" | "unknown";
  readonly exit_status: string | null;
}

export interface ProblemItem {
  readonly code: string;
  readonly subject: string;
  readonly severity: "info" | "warning" | "critical";
  readonly since_at: string;
  readonly cleared_at: string | null;
  readonly message: string;
  readonly remedy: string;
}

export interface JobItem {
  readonly id: string;
  readonly summary: string;
  /** Cron expression, in UTC; null for work that runs once. */
  readonly schedule: string | null;
  readonly state: string;
  readonly last_started_at: string | null;
  readonly last_duration_ms: number | null;
  readonly last_result: string | null;
  readonly on_demand: boolean;
  readonly progress: {
    readonly done: number;
    readonly total: number;
    readonly requests: number | null;
    readonly remaining_ms: number | null;
  } | null;
}

/** Milliseconds since the epoch of an ISO time of the API, or null. */
export function momentOf(iso: string | null): number | null {
  if (iso === null) return null;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms;
}

/** What people call the kind of an entity: `VM 102`, `CT 117`, `node`, `storage`. */
export function kindLabel(item: FleetItem): string {
  if (item.kind !== "guest") return item.kind;
  return `${item.type === "qemu" ? "VM" : "CT"} ${item.vmid}`;
}

export interface EvidenceItem {
  readonly what: string;
  /** The series to look at. */
  readonly id: string | null;
  readonly field: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly numbers: Readonly<Record<string, string | number | boolean | null>>;
}

/** What analysis concludes of one thing. */
export interface FindingItem {
  readonly id: string;
  readonly kind: string;
  readonly cluster: string;
  readonly subject: string;
  readonly key: string;
  readonly severity: "info" | "warning" | "critical";
  readonly certainty: "measured" | "rule" | "estimate" | "prediction";
  readonly message: string;
  readonly remedy: string | null;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly resolved_at: string | null;
  readonly formula: string;
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
  readonly evidence: readonly EvidenceItem[];
}

export interface AnalysisItem {
  readonly name: string;
  readonly cluster: string | null;
  readonly at: string;
}
