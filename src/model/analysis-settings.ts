// What the configuration says about analysis.
import type { ClusterId } from "./ids.ts";

export interface AnalysisSettings {
  readonly clusters: readonly ClusterAnalysisSettings[];
}

export interface ClusterAnalysisSettings {
  readonly id: ClusterId;
  readonly name: string;
}
