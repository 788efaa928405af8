// What backups a storage holds, told per guest: a fact for every file would be a hundred thousand of them.
import { aFact, type Fact } from "../../../model/facts.ts";
import { type BackupVolume, backupVolumes } from "../../../pve/index.ts";
import { type FactContext, type FactReader, orNull } from "../fact-reader.ts";
import type { FactRow } from "../fact-rows.ts";

export const backups: FactReader<"storage"> = {
  name: "backups",
  scope: "storage",
  tells: ["backup"],
  // With Datastore.Audit alone PVE lists no backups, which would look like a storage without any.
  privilege: "VM.Backup",
  concerns: (storage) => storage.content.includes("backup") && storage.status === "available",
  async read(context, storage) {
    const node = context.fleet.nodeOfStorage(storage);
    if (node === undefined) return {};
    const { rows } = (await backupVolumes(context.pve, node, storage.storage, context.options)).data;
    const byGuest = byVmid(rows);
    return {
      facts: [...byGuest].map(([vmid, volumes]) => factOf(context, vmid, storage.name, storage.node, volumes)),
      rows: [...byGuest].flatMap(([vmid, volumes]) => rowOf(context, vmid, volumes)),
    };
  },
};

function byVmid(volumes: readonly BackupVolume[]): ReadonlyMap<number, BackupVolume[]> {
  const groups = new Map<number, BackupVolume[]>();
  for (const volume of volumes) {
    const group = groups.get(volume.vmid);
    if (group === undefined) groups.set(volume.vmid, [volume]);
    else group.push(volume);
  }
  return groups;
}

function factOf(
  { fleet }: FactContext,
  vmid: number,
  storage: string,
  node: string | null,
  volumes: readonly BackupVolume[],
): Fact {
  const place = node === null ? storage : `${node}:${storage}`;
  const newest = newestOf(volumes);
  const sizes = volumes.map(({ sizeBytes }) => sizeBytes).filter((size) => size !== undefined);
  const key = fleet.guest(vmid) === undefined ? `${place}/${vmid}` : place;
  return aFact("backup", fleet.subjectOf(vmid), key, {
    storage: place,
    newest_at: newest === undefined ? null : newest.createdS * 1000,
    oldest_at: 1000 * volumes.reduce((least, { createdS }) => Math.min(least, createdS), Number.POSITIVE_INFINITY),
    backups: volumes.length,
    newest_bytes: orNull(newest?.sizeBytes),
    total_bytes: sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0),
    verification: verificationOf(volumes),
    unverified: volumes.filter(({ verification }) => verification === undefined || verification === "none").length,
    protected: volumes.filter((volume) => volume.protected).length,
    encrypted: newest?.encrypted ?? null,
  });
}

const newestOf = (volumes: readonly BackupVolume[]): BackupVolume | undefined =>
  volumes.reduce<BackupVolume | undefined>(
    (newest, volume) => (newest === undefined || volume.createdS > newest.createdS ? volume : newest),
    undefined,
  );

/** One bad backup is what counts; otherwise the verdict on the newest. */
function verificationOf(volumes: readonly BackupVolume[]): string | null {
  if (volumes.some(({ verification }) => verification === "failed")) return "failed";
  return newestOf(volumes)?.verification ?? null;
}

/** Backups of one guest on several storages give several rows; the youngest is the one that a graph's minimum shows. */
function rowOf({ fleet, now, everyS }: FactContext, vmid: number, volumes: readonly BackupVolume[]): FactRow[] {
  const [guest, newest] = [fleet.guest(vmid), newestOf(volumes)];
  if (guest === undefined || newest === undefined) return [];
  const age = Math.max(0, now / 1000 - newest.createdS);
  const values = { backup_age_seconds: age };
  return [{ kind: "guest", id: guest.id, ts: now, stepS: everyS, origin: "fact", node: guest.node, values }];
}
