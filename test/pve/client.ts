// Makes clients for tests; only what matters is written in a test.
import { createHash, X509Certificate } from "node:crypto";
import { silentLog } from "../../src/lib/log.ts";
import { Secret } from "../../src/lib/secret.ts";
import { type ClusterStatus, clusterStatus, nodes, PveCluster, type PveOptions } from "../../src/pve/index.ts";
import type { Certificate } from "./https-server.ts";
import { hastyClock } from "./manual-clock.ts";

export const tokenId = "pilothouse@pve!pilothouse";
export const tokenSecret = "0f3c2b1a-canary-secret";

export function aClient(options: Partial<PveOptions> & Pick<PveOptions, "endpoints" | "trust">): PveCluster {
  return new PveCluster({
    cluster: "test",
    token: { id: tokenId, secret: new Secret(tokenSecret) },
    clock: hastyClock,
    log: silentLog,
    random: () => 0,
    ...options,
  });
}

export const fingerprintOf = ({ cert }: Certificate): string => new X509Certificate(cert).fingerprint256;
export const pin = (certificate: Certificate): PveOptions["trust"] => ({
  kind: "pin",
  sha256: fingerprintOf(certificate),
});
export const wrongPin: PveOptions["trust"] = {
  kind: "pin",
  sha256: createHash("sha256").update("another certificate").digest("hex"),
};

/** Reads `data` as it is. */
export const asIs = { read: (data: unknown): unknown => data };

/** The error that a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it was expected to fail");
}

/** Lets a client learn the members of its cluster and their certificates, as the collector does. */
export async function learnMembers(pve: PveCluster): Promise<ClusterStatus> {
  const status = await clusterStatus(pve);
  pve.learn(status.data.members, status.endpoint);
  const listed = await nodes(pve);
  pve.learnFingerprints(listed.data.rows.map(({ node, sslFingerprint }) => ({ name: node, sha256: sslFingerprint })));
  return status.data;
}
