// What the configuration says of a cluster, as far as polling it goes.
import type { ClusterId } from "../model/ids.ts";

export interface PolledCluster {
  readonly id: ClusterId;
  readonly name: string;
  readonly webUrl: string | null;
  readonly simulated: boolean;
  /** null: by the number of nodes. */
  readonly pollPeriodS: number | null;
  readonly history: { readonly import: boolean; readonly requestsPerSecond: number };
}
