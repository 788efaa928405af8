// What exists in a cluster, as the poller's own news tell it: whom to ask about, and which guest a vmid is.
import { type ClusterId, clusterEntityId, type EntityId, nodeEntityId } from "../../model/ids.ts";
import type { ClusterEntity, Entity, GuestEntity, NodeEntity, StorageEntity } from "../../model/inventory.ts";

export class KnownFleet {
  readonly #cluster: ClusterId;
  readonly #entities = new Map<EntityId, Entity>();
  readonly #guests = new Map<number, GuestEntity>();

  constructor(cluster: ClusterId, known: readonly Entity[]) {
    this.#cluster = cluster;
    this.take(known);
  }

  take(changed: readonly Entity[]): void {
    for (const entity of changed) {
      if (entity.goneAt === null) this.#entities.set(entity.id, entity);
      else this.#entities.delete(entity.id);
      if (entity.kind !== "guest") continue;
      if (entity.goneAt === null) this.#guests.set(entity.vmid, entity);
      else if (this.#guests.get(entity.vmid)?.id === entity.id) this.#guests.delete(entity.vmid);
    }
  }

  get clusterId(): EntityId {
    return clusterEntityId(this.#cluster);
  }

  get cluster(): ClusterEntity | undefined {
    const entity = this.#entities.get(this.clusterId);
    return entity?.kind === "cluster" ? entity : undefined;
  }

  get nodes(): readonly NodeEntity[] {
    return this.all().filter((entity) => entity.kind === "node");
  }

  get storages(): readonly StorageEntity[] {
    return this.all().filter((entity) => entity.kind === "storage");
  }

  all(): readonly Entity[] {
    return [...this.#entities.values()];
  }

  get(id: EntityId): Entity | undefined {
    return this.#entities.get(id);
  }

  guest(vmid: number): GuestEntity | undefined {
    return this.#guests.get(vmid);
  }

  /** The guest's id; of a vmid that is nobody's now, the cluster's. */
  subjectOf(vmid: number): EntityId {
    return this.#guests.get(vmid)?.id ?? this.clusterId;
  }

  /** The node's id, and the cluster's for a node that is not known. */
  nodeId(name: string | undefined): EntityId {
    const id = nodeEntityId(this.#cluster, name ?? "");
    return this.#entities.has(id) ? id : this.clusterId;
  }

  isOnline(name: string): boolean {
    const node = this.#entities.get(nodeEntityId(this.#cluster, name));
    return node?.kind === "node" && node.status === "online";
  }

  /** A node that lists the storage and is online; for a local one the only one. */
  nodeOfStorage(storage: StorageEntity): string | undefined {
    const nodes = storage.node === null ? storage.nodes : [storage.node];
    return nodes.find((node) => this.isOnline(node));
  }
}
