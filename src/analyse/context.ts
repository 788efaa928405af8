// What jobs and questions are given: the fleet as it was when they began, the stored series, and what is on record.
// Nothing here reaches a cluster, and nothing reads the clock.
import type { AnalysisDocuments } from "../model/analysis.ts";
import type { AnalysisSettings } from "../model/analysis-settings.ts";
import type { EventLog } from "../model/event.ts";
import type { FactHistory, FactsView } from "../model/facts.ts";
import type { FindingLog } from "../model/finding.ts";
import type { FleetView } from "../model/fleet.ts";
import type { ClusterId } from "../model/ids.ts";
import type { MetricsStore } from "../model/store.ts";

/** The stored series, to be read. */
export type SeriesStore = Pick<MetricsStore, "range" | "quantiles" | "trend" | "totals" | "latest">;

export interface AnalysisContext {
  /** When the run began, milliseconds since the epoch; the only time there is. */
  readonly nowMs: number;
  readonly fleet: Pick<FleetView, "get" | "list" | "tasks">;
  /** Clusters whose own history is still being imported: what is computed of the past now would be computed too early. */
  readonly importing?: readonly ClusterId[];
  readonly facts: FactsView;
  readonly settings: AnalysisSettings;
  readonly store: SeriesStore;
  readonly events: EventLog;
  readonly history: FactHistory;
  readonly findings: FindingLog;
  readonly documents: AnalysisDocuments;
  /** How many threads heavy arithmetic may take (see lib/thread-pool.ts). */
  readonly threads: number;
}
