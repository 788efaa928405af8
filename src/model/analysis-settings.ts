// What the configuration says about analysis.
import type { CostModel } from "./cost-model.ts";
import type { ClusterId } from "./ids.ts";

export interface AnalysisSettings {
  readonly clusters: readonly ClusterAnalysisSettings[];
}

export interface ClusterAnalysisSettings {
  readonly id: ClusterId;
  readonly name: string;
  /** What it costs; null: nothing was entered, and no money is shown. */
  readonly costModel: CostModel | null;
}
