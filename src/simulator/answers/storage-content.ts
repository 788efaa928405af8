// What lies on a storage: volumes of guests, backups, installation media.
import { type StoredBackup, storedBackups } from "../backup-archive.ts";
import type { SimGuest, SimStorage } from "../entities.ts";
import { diskUsed } from "../guest-measure.ts";
import { nodeParameter, numberOf, type ParameterSpec, textOf } from "../parameters.ts";
import { isAllowed } from "../rights.ts";
import type { Call, Route } from "../route.ts";
import { formatUpid } from "../upid.ts";
import { type GuestVolume, volumesOf } from "../volumes.ts";
import { nodeOf, refuseHanging, storageOf } from "./lookup.ts";

const optional = (type: ParameterSpec["type"]): ParameterSpec => ({ type, optional: true });

export const storageContentRoute: Route = {
  method: "GET",
  path: "/nodes/{node}/storage/{storage}/content",
  parameters: {
    ...nodeParameter,
    storage: { type: "string" },
    content: optional("string"),
    vmid: { ...optional("integer"), minimum: 100, maximum: 999_999_999 },
  },
  permission: { path: "/storage/{storage}", privileges: ["Datastore.Audit", "Datastore.AllocateSpace"], any: true },
  forwarded: true,
  answer: async (call) => {
    const storage = storageOf(call);
    await refuseHanging(call, storage);
    return { data: contentOf(call, storage) };
  },
};

interface Entry {
  readonly [field: string]: unknown;
  readonly content: string;
  readonly volid: string;
  readonly vmid?: number;
}

function contentOf(call: Call, storage: SimStorage): readonly Entry[] {
  const wanted = textOf(call.parameters, "content")?.split(",");
  const vmid = numberOf(call.parameters, "vmid");
  const kinds = storage.content.split(",").filter((kind) => wanted === undefined || wanted.includes(kind));
  const entries = [
    ...(kinds.some((kind) => kind === "images" || kind === "rootdir") ? volumes(call, storage) : []),
    ...(kinds.includes("backup") ? backups(call, storage) : []),
    ...(kinds.includes("iso") ? media(storage, "iso") : []),
    ...(kinds.includes("vztmpl") ? media(storage, "vztmpl") : []),
  ];
  return entries
    .filter((entry) => kinds.includes(entry.content) && (vmid === undefined || entry.vmid === vmid))
    .filter((entry) => mayRead(call, storage, entry));
}

/**
 * PVE leaves out, without a word, what the token may not read: with PVEAuditor alone that is every backup and every
 * volume of a guest. Source: check_volume_access of PVE::Storage.
 */
function mayRead({ state, token }: Call, storage: SimStorage, { content, vmid }: Entry): boolean {
  const allowed = (path: string, privilege: string): boolean =>
    isAllowed(state, token, { path, privileges: [privilege] });
  const on = `/storage/${storage.id}`;
  if (vmid === undefined || allowed(on, "Datastore.Allocate")) return true;
  if (content === "backup") return allowed(on, "Datastore.AllocateSpace") && allowed(`/vms/${vmid}`, "VM.Backup");
  return allowed(on, "Datastore.Audit") && allowed(`/vms/${vmid}`, "VM.Config.Disk");
}

/** Of the guests there, and on ZFS also the copies that replication keeps of guests elsewhere. */
function volumes(call: Call, storage: SimStorage): readonly Entry[] {
  const node = nodeOf(call).name;
  const { state } = call;
  const own = [...state.guests.values()].filter(
    (guest) => guest.storage === storage.id && (storage.shared || guest.node === node),
  );
  const copied = state.replication
    .filter((job) => job.target === node && storage.id === "local-zfs")
    .flatMap((job) => state.guests.get(job.guest) ?? [])
    .filter((guest) => guest.node !== node && guest.storage === storage.id);
  const orphans = state.orphans.filter((orphan) => orphan.storage === storage.id && orphan.node === node);
  return [
    ...[...own, ...copied].flatMap((guest) =>
      volumesOf(guest).map((volume) => volumeRow(call, storage, guest, volume)),
    ),
    ...orphans.map(({ volid, vmid, sizeBytes }) => ({
      content: "images",
      volid,
      vmid,
      format: "raw",
      size: sizeBytes,
    })),
  ];
}

function volumeRow({ state }: Call, storage: SimStorage, guest: SimGuest, volume: GuestVolume): Entry {
  const content = guest.type === "qemu" ? "images" : "rootdir";
  const row = {
    content,
    volid: volume.volid,
    vmid: guest.vmid,
    format: volume.format,
    size: volume.sizeBytes,
    ctime: guest.createdAtS,
  };
  if (volume.format !== "subvol") return storage.type === "lvmthin" ? row : { ...row, parent: null };
  return { ...row, used: Math.floor(diskUsed(guest, state.nowS)) };
}

function backups(call: Call, storage: SimStorage): readonly Entry[] {
  const { state } = call;
  return storedBackups(state.archive, storage.id).map((stored) =>
    storage.type === "pbs" ? serverBackup(call, stored) : fileBackup(storage, stored),
  );
}

const pad = (text: string): string => text.replace("T", "-").replaceAll(":", "_");

function fileBackup(storage: SimStorage, { backup }: StoredBackup): Entry {
  const { guest, startS } = backup;
  const stamp = new Date(startS * 1000).toISOString().slice(0, 19);
  const [date = "", time = ""] = stamp.split("T");
  const format = guest.type === "qemu" ? "vma.zst" : "tar.zst";
  return {
    content: "backup",
    volid: `${storage.id}:backup/vzdump-${guest.type}-${guest.vmid}-${date.replaceAll("-", "_")}-${pad(time)}.${format}`,
    vmid: guest.vmid,
    ...common(backup),
    format,
    subtype: guest.type,
    size: Math.floor(guest.diskBytes * 0.22 * (0.9 + ((guest.seed ^ startS) % 100) / 500)),
    ...(isProtected(backup) ? { protected: 1 } : {}),
  };
}

const common = ({ guest, startS }: StoredBackup["backup"]): object => ({ ctime: startS, notes: guest.name });

/** Somebody protected the backups of the first Sundays by hand. */
const isProtected = ({ guest, startS }: StoredBackup["backup"]): boolean =>
  guest.seed % 11 === 0 && new Date(startS * 1000).getUTCDay() === 0;

const dayS = 86_400;

/** A backup server shows the whole disks as size, and has verified what is older than a day. */
function serverBackup({ state }: Call, { backup }: StoredBackup): Entry {
  const { guest, startS } = backup;
  const kind = guest.type === "qemu" ? "vm" : "ct";
  const verified = state.nowS - startS > dayS;
  const upid = formatUpid({
    node: "pbs1",
    pid: 700 + (guest.seed % 9000),
    pstart: 4711,
    startS: startS + dayS / 2,
    type: "verificationjob",
    id: "main",
    user: "root@pam",
  });
  const failed = state.isDamagedBackup(guest.vmid, startS);
  return {
    content: "backup",
    volid: `pbs-1:backup/${kind}/${guest.vmid}/${new Date(startS * 1000).toISOString().slice(0, 19)}Z`,
    vmid: guest.vmid,
    ...common(backup),
    format: `pbs-${kind}`,
    subtype: guest.type,
    size: volumesOf(guest).reduce((sum, volume) => sum + (volume.backup ? volume.sizeBytes : 0), 0),
    ...(verified ? { verification: { state: failed ? "failed" : "ok", upid } } : {}),
  };
}

function media(storage: SimStorage, content: "iso" | "vztmpl"): readonly Entry[] {
  const ctime = 1_735_000_000;
  const file = (name: string, format: string, size: number): Entry => ({
    content,
    volid: `${storage.id}:${content}/${name}`,
    format,
    size,
    ctime,
  });
  return content === "iso"
    ? [file("debian-13.1.0-amd64-netinst.iso", "iso", 821_035_008), file("virtio-win-0.1.271.iso", "iso", 724_000_768)]
    : [file("debian-13-standard_13.1-1_amd64.tar.zst", "tzst", 129_710_398)];
}
