// The clusters that are watched, as they come, go and change while the service runs.
import type { RunningCollector } from "../collect/index.ts";
import type { ClusterSettings, ConfigChanges } from "../config/index.ts";
import type { Fleet } from "../live/fleet.ts";
import { type ClusterId, entityKinds } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import { bareAccess, clusterStart } from "./cluster-start.ts";
import type { StateKeeper } from "./state-keeper.ts";

export interface ClusterSetOptions {
  readonly collector: RunningCollector;
  readonly fleet: Fleet;
  readonly keeper: StateKeeper;
  /** Shows what is stored of a cluster, and returns what was known of it. */
  readonly restore: (clusters: readonly ClusterSettings[]) => Promise<readonly Entity[]>;
  /** Hears of a cluster that is no longer watched. */
  readonly forgotten: (cluster: ClusterId) => void;
}

export class ClusterSet {
  readonly #options: ClusterSetOptions;

  constructor(options: ClusterSetOptions) {
    this.#options = options;
  }

  /** Accounts first: they cost nobody a poll. A cluster that ends slowly holds up only what comes after it. */
  async apply({ added, removed, changed, signedInAnew }: ConfigChanges): Promise<void> {
    const { collector } = this.#options;
    for (const { id, access } of signedInAnew) collector.signInWith(id, bareAccess(access));
    for (const cluster of added) await this.#add(cluster);
    for (const id of removed) await this.#remove(id);
    for (const cluster of changed) await this.#startAnew(cluster);
  }

  async #add(cluster: ClusterSettings): Promise<void> {
    const { collector, restore } = this.#options;
    collector.start(clusterStart(cluster, false), await restore([cluster]));
  }

  async #remove(id: ClusterId): Promise<void> {
    const { collector, fleet, keeper, forgotten } = this.#options;
    await collector.stopCluster(id);
    keeper.add(this.#entitiesOf(id));
    fleet.forget(id);
    forgotten(id);
  }

  async #startAnew(cluster: ClusterSettings): Promise<void> {
    const { collector } = this.#options;
    await collector.stopCluster(cluster.id);
    collector.start(clusterStart(cluster, false), this.#entitiesOf(cluster.id));
  }

  #entitiesOf(id: ClusterId): readonly Entity[] {
    const all = entityKinds.flatMap((kind) => this.#options.fleet.list(kind, { gone: true }));
    return all.map(({ entity }) => entity).filter(({ cluster }) => cluster === id);
  }
}
