// What the parts of the watch share during one run.
import type { Maintenance } from "../anomaly/index.ts";
import type { AnalysisContext } from "../context.ts";

export interface AnomalyContext extends Pick<AnalysisContext, "nowMs" | "fleet" | "store" | "events"> {
  readonly maintenances: readonly Maintenance[];
}
