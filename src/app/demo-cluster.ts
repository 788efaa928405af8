// The demo's cluster: the simulator in a thread of its own, reached over HTTPS with a pinned certificate and a read-only
// token, exactly as a real one would be.
import type { ClusterSettings } from "../config/index.ts";
import { Secret } from "../lib/secret.ts";
import { defaultFactSettings, type FactSettings } from "../model/facts-paces.ts";
import { startSimulatorWorker } from "../simulator/index.ts";
import { demoCostModel } from "./demo-cost-model.ts";

export interface DemoOptions {
  readonly nodes?: number;
  readonly guests?: number;
  readonly seed?: number;
}

export interface DemoCluster {
  readonly settings: ClusterSettings;
  close(): Promise<void>;
}

export const demoClusterId = "demo";

/** The simulator does not mind being asked; the year of history shall be there within a minute or two. */
const importRequestsPerSecond = 25;

/** Nor does it mind slow facts at the pace of a person who looks at a demo. */
export const demoFactSettings: FactSettings = { ...defaultFactSettings, requestsPerSecond: 10 };

/** `firstSeenAt`: of an earlier start on the same data, so that it meets the same cluster, a few days older. */
export async function startDemoCluster(options: DemoOptions, firstSeenAt: number | undefined): Promise<DemoCluster> {
  const anchor = firstSeenAt === undefined ? {} : { anchorAt: firstSeenAt };
  const simulator = await startSimulatorWorker({ ...options, ...anchor, clusterName: demoClusterId });
  return {
    settings: {
      id: demoClusterId,
      name: "Demo",
      endpoints: [simulator.url],
      access: { token: { id: simulator.tokenId, secret: new Secret(simulator.tokenSecret) } },
      trust: { kind: "pin", sha256: simulator.fingerprint },
      pollPeriodS: null,
      history: { import: true, requestsPerSecond: importRequestsPerSecond },
      limits: { requestsPerSecond: 2 * importRequestsPerSecond, inFlight: 8, inFlightPerNode: 2 },
      agent: true,
      pushToken: null,
      webUrl: null,
      costModel: demoCostModel,
    },
    close: () => simulator.close(),
  };
}
