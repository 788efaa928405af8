// The clusters that are watched, as they come, go and change while the service runs.
import type { KnownBefore, RunningCollector } from "../collect/index.ts";
import type { ClusterSettings, ConfigChanges } from "../config/index.ts";
import type { Fleet } from "../live/fleet.ts";
import type { FactRead } from "../model/facts.ts";
import { type ClusterId, entityKinds } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import { bareAccess, clusterStart } from "./cluster-start.ts";
import type { FactKeeper } from "./fact-keeper.ts";
import type { StateKeeper } from "./state-keeper.ts";

export interface ClusterSetOptions {
  readonly collector: RunningCollector;
  readonly fleet: Fleet;
  readonly keeper: StateKeeper;
  readonly factKeeper: FactKeeper;
  /** Shows what is stored of a cluster, and returns what was known of it. */
  readonly restore: (clusters: readonly ClusterSettings[]) => Promise<KnownBefore>;
  readonly factReads: (cluster: ClusterId) => Promise<readonly FactRead[]>;
  /** What is stored of pushes of these things, that no poll has passed yet. */
  readonly pushed: (cluster: ClusterId, known: readonly Entity[]) => Promise<KnownBefore["pushed"]>;
  /** Hears of a cluster that is no longer watched. */
  readonly forgotten: (cluster: ClusterId) => Promise<void>;
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
    collector.startCluster(clusterStart(cluster, false), await restore([cluster]));
  }

  async #remove(id: ClusterId): Promise<void> {
    const { collector, fleet, keeper, factKeeper, forgotten } = this.#options;
    await collector.stopCluster(id);
    const entities = this.#entitiesOf(id);
    keeper.add(entities);
    await factKeeper.leave(new Set(entities.map((entity) => entity.id)));
    fleet.forget(id);
    await forgotten(id);
  }

  async #startAnew(cluster: ClusterSettings): Promise<void> {
    const { collector, factReads, pushed } = this.#options;
    const { id } = cluster;
    await collector.stopCluster(id);
    const known = this.#entitiesOf(id);
    const before = { known, factReads: await factReads(id), pushed: await pushed(id, known) };
    collector.startCluster(clusterStart(cluster, false), before);
  }

  #entitiesOf(id: ClusterId): readonly Entity[] {
    const all = entityKinds.flatMap((kind) => this.#options.fleet.list(kind, { gone: true }));
    return all.map(({ entity }) => entity).filter(({ cluster }) => cluster === id);
  }
}
