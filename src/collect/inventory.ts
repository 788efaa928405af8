// What a cluster consists of, kept up to date from its listings. Tells what changed, decides what is gone, and answers
// what an export does not say (which guest a vmid is, who reports a shared storage).
import { type ClusterId, clusterEntityId, type EntityId, nodeEntityId, storageEntityId } from "../model/ids.ts";
import type { ClusterEntity, Entity, GuestEntity, NodeEntity, StorageEntity } from "../model/inventory.ts";
import type { MemSource } from "../model/metrics.ts";
import type { ClusterResources, ClusterStatus, GuestRow, NodeRow, StorageRow } from "../pve/index.ts";
import { GuestGenerations } from "./guest-generations.ts";
import type { ExportFacts, GuestFacts } from "./node-intake.ts";

export interface ClusterFacts {
  readonly name: string;
  readonly webUrl: string | null;
  readonly simulated: boolean;
  /** PVE's release, for instance "9.2"; null before the first answer. */
  readonly release: string | null;
  /** What the release cannot give. */
  readonly notes: readonly string[];
  /** Version by node, where it was asked. */
  readonly versions: ReadonlyMap<string, string>;
}

export interface Listing {
  readonly resources: ClusterResources;
  /** null when it could not be had (missing right, or only this call failed). */
  readonly status: ClusterStatus | null;
  /** False when the token may have lost rights: then nothing that is missing counts as deleted. */
  readonly complete: boolean;
  readonly at: number;
}

export interface InventoryChange {
  readonly changed: readonly Entity[];
  /** Guests that an earlier listing had and this one has not (gone ones left out). */
  readonly missingGuests: number;
}

/** One listing may be taken in the middle of a migration, and have the guest on neither node. */
const absencesUntilGone = 2;
/** How far `lastSeenAt` of what is there may lie back: telling it with every poll would cost more than it says. */
const lastSeenWithinMs = 5 * 60_000;
/** A guest's creation and our first sight of it are told by two clocks. */
const clocksDifferMs = 10 * 60_000;

/** Kept up to date in place: one object per guest for as long as it exists, not one per poll. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Absence {
  listings: number;
  readonly lastSeenAt: number;
}

export class Inventory {
  readonly #cluster: ClusterId;
  readonly #entities = new Map<EntityId, Entity>();
  readonly #generations: GuestGenerations;
  readonly #absences = new Map<EntityId, Absence>();
  readonly #guestFacts = new Map<EntityId, Writable<GuestFacts>>();
  readonly #owners = new Map<string, string>();
  #shared: ReadonlyMap<string, readonly string[]> = new Map();
  /** The last listing's storages as rows and as descriptions: from one poll to the next they hardly ever change. */
  #storageRows: readonly StorageRow[] = [];
  #storages: StorageEntity[] = [];
  #listedAt = 0;
  /** VMs whose creation time has to be read: unknown, or perhaps another than that of the guest we knew. */
  readonly #unproven = new Set<EntityId>();
  readonly #destroyedAt = new Map<number, number>();

  constructor(cluster: ClusterId, known: readonly Entity[]) {
    this.#cluster = cluster;
    for (const entity of known) this.#entities.set(entity.id, entity);
    this.#generations = new GuestGenerations(
      cluster,
      known.filter((entity) => entity.kind === "guest"),
    );
  }

  /** Entities that exist now. */
  list<K extends Entity["kind"]>(kind: K): readonly Extract<Entity, { kind: K }>[] {
    const list: Extract<Entity, { kind: K }>[] = [];
    for (const entity of this.#entities.values())
      if (isOfKind(entity, kind) && entity.goneAt === null) list.push(entity);
    return list;
  }

  /** Takes in a listing and tells what it changed. */
  observe({ resources, status, complete, at }: Listing, facts: ClusterFacts): InventoryChange {
    const changed: Entity[] = [];
    const present = new Set<EntityId>();
    for (const row of resources.guests) this.#observeGuest(row, at, facts, present, changed);
    const others = [
      this.#clusterEntity(status, facts),
      ...nodeRows(resources, status).map((row) => this.#nodeEntity(row, status, facts)),
      ...this.#storageEntities(resources.storages),
    ];
    for (const description of others) this.#observeOther(description, at, present, changed);
    const absent = this.#absent(present);
    for (const entity of absent) if (complete && this.#isGone(entity, present)) changed.push(this.#end(entity, at));
    this.#listedAt = at;
    return { changed, missingGuests: absent.filter((entity) => entity.kind === "guest").length };
  }

  /** A deletion seen in the task list: the vmid's next guest is another one. Older tasks than the guest mean a predecessor. */
  guestDestroyed(vmid: number, endedAt: number): void {
    this.#destroyedAt.set(vmid, Math.max(endedAt, this.#destroyedAt.get(vmid) ?? 0));
    const id = this.#generations.peek(vmid);
    const guest = id === undefined ? undefined : this.#entities.get(id);
    if (guest !== undefined && endedAt > guest.firstSeenAt) this.#generations.end(vmid);
  }

  /** VMs whose creation time is to be read. Taken out: each is given once. */
  takeUnproven(): readonly EntityId[] {
    const unproven = [...this.#unproven];
    this.#unproven.clear();
    return unproven;
  }

  /** True until a VM's creation time was taken note of. */
  lacksOrigin(id: EntityId): boolean {
    const guest = this.guest(id);
    return guest?.type === "qemu" && guest.goneAt === null && typeof guest.createdAt !== "number";
  }

  /**
   * What a VM's configuration says of its creation, in ms. When that is not the guest that we knew under the vmid, the
   * next listing begins another; otherwise the description that is now complete.
   */
  guestCreated(id: EntityId, createdAt: number): GuestEntity | undefined {
    const guest = this.guest(id);
    if (guest === undefined || guest.goneAt !== null || guest.createdAt === createdAt) return undefined;
    const isAnother = typeof guest.createdAt === "number" || createdAt - guest.firstSeenAt > clocksDifferMs;
    if (isAnother) {
      this.#generations.end(guest.vmid);
      return undefined;
    }
    const entity: GuestEntity = { ...guest, createdAt };
    this.#entities.set(id, entity);
    return entity;
  }

  /** Before this, in ms, the vmid was another guest's; 0 when nobody can tell. */
  bornAt(id: EntityId): number {
    const guest = this.guest(id);
    if (guest === undefined) return 0;
    const predecessorEnded = this.#destroyedAt.get(guest.vmid) ?? 0;
    return Math.max(guest.createdAt ?? 0, predecessorEnded < guest.lastSeenAt ? predecessorEnded : 0);
  }

  /** The id of the guest that has this vmid, when we know one. */
  guestId(vmid: number): EntityId | undefined {
    return this.#generations.peek(vmid);
  }

  /** Also one that is gone. */
  guest(id: EntityId): GuestEntity | undefined {
    const guest = this.#entities.get(id);
    return guest?.kind === "guest" ? guest : undefined;
  }

  /** A shared storage is reported by one node that answers; `answers` says which do. */
  chooseStorageOwners(answers: (node: string) => boolean): void {
    for (const [storage, nodes] of this.#shared) {
      const owner = this.#owners.get(storage);
      if (owner !== undefined && nodes.includes(owner) && answers(owner)) continue;
      const next = nodes.find(answers) ?? nodes[0];
      if (next !== undefined) this.#owners.set(storage, next);
    }
  }

  storageOwner(storage: string): string | undefined {
    return this.#owners.get(storage);
  }

  exportFacts(iowaitTrusted: boolean): ExportFacts {
    return {
      iowaitTrusted,
      nodeId: (node) => nodeEntityId(this.#cluster, node),
      guest: (vmid, type, ts) => {
        // Only a listing begins a new generation: an export still carries a deleted guest's last samples.
        const owner = this.#generations.ownerAt(vmid, type, ts, this.#destroyedAt.get(vmid));
        const id = owner ?? this.#generations.current(vmid, type).id;
        return (
          this.#guestFacts.get(id) ?? { id, memSource: type === "lxc" ? "cgroup" : "unknown", memHostBytes: undefined }
        );
      },
      storageId: (node, storage) => {
        if (!this.#shared.has(storage)) return storageEntityId(this.#cluster, storage, node);
        return this.#owners.get(storage) === node ? storageEntityId(this.#cluster, storage, null) : null;
      },
    };
  }

  #absent(present: ReadonlySet<EntityId>): readonly Entity[] {
    const absent: Entity[] = [];
    for (const entity of this.#entities.values()) {
      if (entity.goneAt === null && !present.has(entity.id)) absent.push(entity);
    }
    return absent;
  }

  #clusterEntity(status: ClusterStatus | null, facts: ClusterFacts): ClusterEntity {
    const known = this.#entities.get(clusterEntityId(this.#cluster));
    const before = known?.kind === "cluster" ? known : undefined;
    return {
      ...this.#base(clusterEntityId(this.#cluster), facts.name),
      kind: "cluster",
      release: facts.release ?? before?.release ?? null,
      quorate: status === null ? (before?.quorate ?? null) : (status.cluster?.quorate ?? null),
      simulated: facts.simulated,
      webUrl: facts.webUrl,
      notes: facts.notes,
    };
  }

  #nodeEntity(
    row: Pick<NodeRow, "node" | "status" | "hastate">,
    status: ClusterStatus | null,
    facts: ClusterFacts,
  ): NodeEntity {
    const id = nodeEntityId(this.#cluster, row.node);
    const known = this.#entities.get(id);
    const before = known?.kind === "node" ? known : undefined;
    const member = status?.members.find((candidate) => candidate.name === row.node);
    return {
      ...this.#base(id, row.node),
      kind: "node",
      status: row.status === "online" || row.status === "offline" ? row.status : "unknown",
      haState: row.hastate ?? null,
      address: member?.address ?? before?.address ?? null,
      version: facts.versions.get(row.node) ?? before?.version ?? null,
    };
  }

  /** Of thousands of guests hardly one changes between two polls: those that do not are compared, and not made anew. */
  #observeGuest(row: GuestRow, at: number, facts: ClusterFacts, present: Set<EntityId>, changed: Entity[]): void {
    const { id, generation } = this.#generations.current(row.vmid, row.type);
    const found = this.#entities.get(id);
    const known = found?.kind === "guest" ? found : undefined;
    present.add(id);
    this.#absences.delete(id);
    this.#rememberFacts(id, row, facts);
    if (row.type === "qemu" && (known === undefined || this.#mayBeAnother(row, known, at))) this.#unproven.add(id);
    if (known !== undefined && saysTheSame(row, known) && isRecent(known, at)) return;
    const entity: GuestEntity = {
      ...this.#base(id, nameOf(row, known)),
      firstSeenAt: known?.firstSeenAt ?? at,
      lastSeenAt: at,
      kind: "guest",
      vmid: row.vmid,
      generation,
      type: row.type,
      node: row.node,
      status: row.status,
      template: row.template ?? known?.template ?? false,
      lock: row.lock ?? null,
      tags: row.tags,
      pool: row.pool ?? null,
      haState: row.hastate ?? null,
      createdAt: known?.createdAt ?? null,
    };
    this.#entities.set(id, entity);
    changed.push(entity);
  }

  /**
   * Whether the vmid may have been given to another guest while we were away: of one that has run all the time we know
   * better, and so of most.
   */
  #mayBeAnother(row: GuestRow, known: GuestEntity, at: number): boolean {
    if (this.#listedAt > 0) return false;
    return typeof known.createdAt !== "number" || (row.uptime ?? 0) * 1000 < at - known.lastSeenAt;
  }

  #rememberFacts(id: EntityId, row: GuestRow, { release }: ClusterFacts): void {
    const facts = this.#guestFacts.get(id) ?? { id, memSource: "unknown", memHostBytes: undefined };
    facts.memSource = memSourceOf(row, release);
    facts.memHostBytes = row.type === "qemu" ? row.memhost : undefined;
    this.#guestFacts.set(id, facts);
  }

  #observeOther(description: Entity, at: number, present: Set<EntityId>, changed: Entity[]): void {
    const known = this.#entities.get(description.id);
    present.add(description.id);
    this.#absences.delete(description.id);
    if (known !== undefined && sameDescription(known, description) && isRecent(known, at)) return;
    const entity: Entity = { ...description, firstSeenAt: known?.firstSeenAt ?? at, lastSeenAt: at };
    this.#entities.set(entity.id, entity);
    changed.push(entity);
  }

  #storageEntities(rows: readonly StorageRow[]): StorageEntity[] {
    if (sameRows(rows, this.#storageRows)) return this.#storages;
    const shared = new Map<string, StorageRow[]>();
    const local: StorageEntity[] = [];
    for (const row of rows) {
      if (row.shared) shared.set(row.storage, [...(shared.get(row.storage) ?? []), row]);
      else local.push(this.#storageEntity(row, row.node, [row]));
    }
    this.#shared = new Map([...shared].map(([storage, list]) => [storage, list.map((row) => row.node).sort()]));
    const sharedOnes = [...shared.values()].flatMap((list) =>
      list[0] === undefined ? [] : [this.#storageEntity(list[0], null, list)],
    );
    this.#storageRows = rows;
    this.#storages = [...local, ...sharedOnes];
    return this.#storages;
  }

  #storageEntity(row: StorageRow, node: string | null, rows: readonly StorageRow[]): StorageEntity {
    const id = storageEntityId(this.#cluster, row.storage, node);
    const known = this.#entities.get(id);
    const before = known?.kind === "storage" ? known : undefined;
    return {
      ...this.#base(id, row.storage),
      kind: "storage",
      storage: row.storage,
      node,
      nodes: rows.map((each) => each.node).sort(),
      shared: node === null,
      status: rows.some((each) => each.status === "available") ? "available" : row.status,
      pluginType: row.plugintype ?? before?.pluginType ?? null,
      content: [...row.content].sort(),
    };
  }

  #base(
    id: EntityId,
    name: string,
  ): { id: EntityId; cluster: ClusterId; name: string; firstSeenAt: number; lastSeenAt: number; goneAt: null } {
    return { id, cluster: this.#cluster, name, firstSeenAt: 0, lastSeenAt: 0, goneAt: null };
  }

  #isGone(entity: Entity, present: ReadonlySet<EntityId>): boolean {
    if (entity.kind === "guest" && present.has(this.#generations.peek(entity.vmid) ?? "")) return true;
    const absence = this.#absences.get(entity.id) ?? {
      listings: 0,
      lastSeenAt: Math.max(entity.lastSeenAt, this.#listedAt),
    };
    absence.listings += 1;
    this.#absences.set(entity.id, absence);
    return absence.listings >= absencesUntilGone;
  }

  #end(entity: Entity, at: number): Entity {
    const lastSeenAt = this.#absences.get(entity.id)?.lastSeenAt ?? entity.lastSeenAt;
    const ended: Entity = { ...entity, lastSeenAt, goneAt: at };
    this.#entities.set(entity.id, ended);
    this.#absences.delete(entity.id);
    this.#guestFacts.delete(entity.id);
    if (entity.kind === "guest" && this.#generations.peek(entity.vmid) === entity.id)
      this.#generations.end(entity.vmid);
    return ended;
  }
}

/** Nodes of the listing, and those that only corosync still knows. */
function nodeRows(
  resources: ClusterResources,
  status: ClusterStatus | null,
): Pick<NodeRow, "node" | "status" | "hastate">[] {
  const listed = new Set(resources.nodes.map((row) => row.node));
  const others = (status?.members ?? []).filter((member) => !listed.has(member.name));
  return [
    ...resources.nodes,
    ...others.map(({ name, online }) => ({ node: name, status: online ? "unknown" : "offline", hastate: undefined })),
  ];
}

/** On PVE 9 a VM whose balloon driver does not report has the host's figure in both fields. On 8 nobody can tell. */
function memSourceOf(row: GuestRow, release: string | null): MemSource {
  if (row.type === "lxc") return "cgroup";
  if (release === null || Number.parseInt(release, 10) < 9 || row.mem === undefined || row.memhost === undefined)
    return "unknown";
  return row.mem === row.memhost ? "host" : "guest";
}

/** Without live data a row has no name and no template flag: what was known stays. */
const nameOf = (row: GuestRow, known: GuestEntity | undefined): string =>
  row.name ?? known?.name ?? `${row.type}/${row.vmid}`;

function saysTheSame(row: GuestRow, known: GuestEntity): boolean {
  return (
    known.goneAt === null &&
    row.status === known.status &&
    row.node === known.node &&
    (row.name === undefined || row.name === known.name) &&
    (row.template === undefined || row.template === known.template) &&
    (row.lock ?? null) === known.lock &&
    (row.pool ?? null) === known.pool &&
    (row.hastate ?? null) === known.haState &&
    sameList(known.tags, row.tags)
  );
}

/** Whether two listings describe the same storages; how full they are is no part of it. */
function sameRows(a: readonly StorageRow[], b: readonly StorageRow[]): boolean {
  return a.length === b.length && a.every((row, index) => sameStorage(row, b[index]));
}

const sameStorage = (a: StorageRow, b: StorageRow | undefined): boolean =>
  b !== undefined &&
  a.storage === b.storage &&
  a.node === b.node &&
  a.status === b.status &&
  a.shared === b.shared &&
  a.plugintype === b.plugintype &&
  sameList(a.content, b.content);

const isOfKind = <K extends Entity["kind"]>(entity: Entity, kind: K): entity is Extract<Entity, { kind: K }> =>
  entity.kind === kind;

const isRecent = (known: Entity, at: number): boolean => at - known.lastSeenAt < lastSeenWithinMs;

function sameDescription(a: Entity, b: Entity): boolean {
  if (a.goneAt !== b.goneAt) return false;
  const [left, right] = [a, b] as unknown as [Record<string, unknown>, Record<string, unknown>];
  for (const key in right) {
    if (key === "lastSeenAt" || key === "firstSeenAt" || left[key] === right[key]) continue;
    if (!Array.isArray(right[key]) || !sameList(left[key], right[key])) return false;
  }
  return true;
}

const sameList = (a: unknown, b: readonly unknown[]): boolean =>
  a === b || (Array.isArray(a) && a.length === b.length && a.every((item, index) => item === b[index]));
