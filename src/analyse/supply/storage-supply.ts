// What storages may be filled with, each backing once: several storage ids and nodes may share one disk.
import type { FactFields, HeldFact } from "../../model/facts.ts";
import type { LiveEntity } from "../../model/fleet.ts";
import type { EntityId } from "../../model/ids.ts";
import type { StorageEntity } from "../../model/inventory.ts";
import { type CephFacts, cephSupplies } from "./ceph-supply.ts";

/** guests: disks of guests lie on it · backups: it holds backups and no disks · other: images, templates, … */
export type StorageRole = "guests" | "backups" | "other";

export interface BackingSupply {
  /** What it lies on in PVE's words (`pve1 zfs:rpool`, `ceph:own ssd`), or the storage's id where nobody says. */
  readonly backing: string;
  readonly kind: "ceph" | "zfs" | "thin" | "other";
  /** null when several nodes use it. */
  readonly node: string | null;
  readonly role: StorageRole;
  readonly storages: readonly EntityId[];
  readonly totalBytes: number | null;
  readonly usedBytes: number | null;
  /** What may be filled before it counts as full. */
  readonly usableBytes: number | null;
  /** How usable follows from total, one sentence each. */
  readonly notes: readonly string[];
}

type LiveStorage = LiveEntity & { readonly entity: StorageEntity };

export interface StorageFacts extends CephFacts {
  readonly backings: readonly HeldFact[];
  readonly zfsPools: readonly HeldFact[];
  readonly thinPools: readonly HeldFact[];
}

/** Rule of experience: a copy-on-write pool gets slow, a thin pool dangerous, above this share. */
const fullShare = 0.8;
const mostFragmentationPercent = 50;

export function storageSupplies(storages: readonly LiveStorage[], facts: StorageFacts): readonly BackingSupply[] {
  const groups = new Map<string, LiveStorage[]>();
  const backingOf = new Map(facts.backings.map(({ subject, fields }) => [subject, fields["backing"]]));
  for (const live of storages) {
    const told = backingOf.get(live.entity.id);
    const backing = typeof told === "string" ? told : live.entity.id;
    groups.set(backing, [...(groups.get(backing) ?? []), live]);
  }
  return [...groups].flatMap(([backing, members]) => suppliesOf(backing, members, facts));
}

function suppliesOf(backing: string, members: readonly LiveStorage[], facts: StorageFacts): readonly BackingSupply[] {
  const base = {
    backing,
    node: nodeOf(members),
    role: roleOf(members),
    storages: members.map(({ entity }) => entity.id),
  };
  if (backing === "ceph:own") {
    const pools = cephSupplies(facts);
    if (pools.length > 0) return pools.map((pool) => ({ ...base, ...pool, kind: "ceph" as const }));
  }
  if (isType(members, /^(?:rbd|cephfs)$/)) return [{ ...base, kind: "ceph", ...cephByListing(members) }];
  if (isType(members, /^zfspool$/)) return [{ ...base, kind: "zfs", ...zfsSupply(backing, members, facts.zfsPools) }];
  if (isType(members, /^lvmthin$/))
    return [{ ...base, kind: "thin", ...thinSupply(backing, members, facts.thinPools) }];
  const { totalBytes, usedBytes } = largest(members);
  return [{ ...base, kind: "other", totalBytes, usedBytes, usableBytes: totalBytes, notes: [] }];
}

type Sizes = Pick<BackingSupply, "totalBytes" | "usedBytes">;
type Result = Sizes & Pick<BackingSupply, "usableBytes" | "notes">;

const isType = (members: readonly LiveStorage[], form: RegExp): boolean =>
  members.some(({ entity }) => form.test(entity.pluginType ?? ""));

function nodeOf(members: readonly LiveStorage[]): string | null {
  const nodes = new Set(members.map(({ entity }) => entity.node));
  const [only = null] = nodes;
  return nodes.size === 1 ? only : null;
}

function roleOf(members: readonly LiveStorage[]): StorageRole {
  const has = (content: string): boolean => members.some(({ entity }) => entity.content.includes(content));
  if (has("images") || has("rootdir")) return "guests";
  return has("backup") ? "backups" : "other";
}

/** Storages on one disk report the same disk; where datasets differ the largest view of it is nearest. */
function largest(members: readonly LiveStorage[]): Sizes {
  let found: Sizes = { totalBytes: null, usedBytes: null };
  for (const { values } of members) {
    const total = values["total_bytes"];
    if (total === undefined || total === 0 || total <= (found.totalBytes ?? 0)) continue;
    found = { totalBytes: total, usedBytes: values["used_bytes"] ?? null };
  }
  return found;
}

const factOf = (facts: readonly HeldFact[], place: string, nameOf: (fields: FactFields) => string) =>
  facts.find(({ subject, fields }) => `${subject.split("/")[2] ?? ""} ${nameOf(fields)}` === place)?.fields;

function zfsSupply(backing: string, members: readonly LiveStorage[], pools: readonly HeldFact[]): Result {
  const pool = factOf(pools, backing, (fields) => `zfs:${String(fields["pool"])}`);
  const sizes = members.length > 1 ? sharedZfs(members, pool) : largest(members);
  const fragmentation = numberOf(pool, "fragmentation_percent");
  const notes = ["A ZFS pool counts as full at 80 %."];
  if (fragmentation !== null && fragmentation > mostFragmentationPercent) {
    notes.push(`Its free space is fragmented (${fragmentation} %), so it gets slow before it is full.`);
  }
  return { ...sizes, usableBytes: shareOf(sizes.totalBytes, fullShare), notes };
}

/** Datasets of one pool see the same free space, each with its own use; the pool says what share is in use. */
function sharedZfs(members: readonly LiveStorage[], pool: FactFields | undefined): Sizes {
  const [size, allocated] = [numberOf(pool, "size_bytes"), numberOf(pool, "allocated_bytes")];
  const seen = largest(members);
  if (size === null || allocated === null || size <= allocated || seen.totalBytes === null) return seen;
  const free = Math.max(0, seen.totalBytes - (seen.usedBytes ?? 0));
  const totalBytes = free / (1 - allocated / size);
  return { totalBytes, usedBytes: totalBytes - free };
}

function thinSupply(backing: string, members: readonly LiveStorage[], pools: readonly HeldFact[]): Result {
  const pool = factOf(
    pools,
    backing,
    (fields) => `lvmthin:${String(fields["volume_group"])}/${String(fields["pool"])}`,
  );
  const sizes = largest(members);
  const data = quotient(sizes.usedBytes, sizes.totalBytes);
  const metadata = quotient(numberOf(pool, "metadata_used_bytes"), numberOf(pool, "metadata_size_bytes"));
  const notes = ["A thin pool counts as full at 80 % of data or of metadata."];
  // Metadata grows with data, so it is full when data is at this share.
  const byMetadata = data === null || metadata === null || metadata <= data ? fullShare : (fullShare * data) / metadata;
  if (byMetadata < fullShare) notes.push("Its metadata fills before its data.");
  return { ...sizes, usableBytes: shareOf(sizes.totalBytes, byMetadata), notes };
}

function cephByListing(members: readonly LiveStorage[]): Result {
  const sizes = largest(members);
  const notes = ["Ceph is only known by its listing: stored plus what can still be stored, which moves with use."];
  return { ...sizes, usableBytes: sizes.totalBytes, notes };
}

const shareOf = (bytes: number | null, share: number): number | null => (bytes === null ? null : bytes * share);
const quotient = (part: number | null, whole: number | null): number | null =>
  part === null || whole === null || whole <= 0 ? null : part / whole;

function numberOf(fields: FactFields | undefined, key: string): number | null {
  const value = fields?.[key];
  return typeof value === "number" ? value : null;
}
