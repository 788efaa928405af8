// What differs between the configuration that runs and one that was read again: which clusters come, go or change, and
// which keys only count from the next start on.
import type { ClusterId } from "../model/ids.ts";
import type { LoadedConfig } from "./load.ts";
import type { AccessSettings, ClusterSettings } from "./settings.ts";

export interface ConfigChanges {
  readonly added: readonly ClusterSettings[];
  readonly removed: readonly ClusterId[];
  /** Something else than the account: the cluster is polled anew from the start. */
  readonly changed: readonly ClusterSettings[];
  /** Only the account or its secret: the polls go on. */
  readonly signedInAnew: readonly ClusterSettings[];
  /** All that are to be watched from now on. */
  readonly clusters: readonly ClusterSettings[];
}

export function clusterChanges(before: readonly ClusterSettings[], after: readonly ClusterSettings[]): ConfigChanges {
  const known = new Map(before.map((cluster) => [cluster.id, cluster]));
  const staying = after.flatMap((cluster) => {
    const old = known.get(cluster.id);
    return old === undefined ? [] : [{ old, cluster }];
  });
  return {
    added: after.filter(({ id }) => !known.has(id)),
    removed: before.filter(({ id }) => !after.some((cluster) => cluster.id === id)).map(({ id }) => id),
    changed: staying.filter(({ old, cluster }) => !isSame(old, cluster)).map(({ cluster }) => cluster),
    signedInAnew: staying
      .filter(({ old, cluster }) => isSame(old, cluster) && !isSameAccess(old.access, cluster.access))
      .map(({ cluster }) => cluster),
    clusters: after,
  };
}

/** The keys outside `clusters` whose values differ, as the file spells them. */
export function keysForNextStart(running: LoadedConfig, now: LoadedConfig): readonly string[] {
  const values = (config: LoadedConfig): ReadonlyMap<string, string> =>
    new Map(
      config.entries
        .filter(({ key }) => key !== "clusters" && !key.startsWith("clusters["))
        .map(({ key, value }) => [key, JSON.stringify(value)]),
    );
  const [before, after] = [values(running), values(now)];
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key)).sort();
}

/**
 * Secrets print as "[redacted]", so that the account is left out here by itself; its name is not. Who may push is looked
 * up anew with every push, and what a cluster costs is no business of its polls.
 */
const isSame = (before: ClusterSettings, after: ClusterSettings): boolean =>
  JSON.stringify({ ...before, access: null, pushToken: null, costModel: null }) ===
  JSON.stringify({ ...after, access: null, pushToken: null, costModel: null });

function isSameAccess(before: AccessSettings, after: AccessSettings): boolean {
  if ("token" in before && "token" in after) {
    return before.token.id === after.token.id && before.token.secret.reveal() === after.token.secret.reveal();
  }
  if ("token" in before || "token" in after) return false;
  return before.login.user === after.login.user && before.login.password.reveal() === after.login.password.reveal();
}
