// What polling a cluster needs: its part of the configuration, and a client.
import type { ClusterId } from "../model/ids.ts";
import type { PveCluster } from "../pve/index.ts";

/** The reading half of the client. */
export type PolledPve = Pick<PveCluster, "get" | "learn" | "learnFingerprints" | "reaches" | "stats">;

export interface PolledCluster {
  readonly id: ClusterId;
  readonly name: string;
  readonly webUrl: string | null;
  readonly simulated: boolean;
  /** null: by the number of nodes. */
  readonly pollPeriodS: number | null;
  readonly history: { readonly import: boolean; readonly requestsPerSecond: number };
}
