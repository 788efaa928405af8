// A guest's configuration as PVE would print it.
import { createHash } from "node:crypto";
import { ApiError } from "../api-error.ts";
import type { SimGuest } from "../entities.ts";
import { agentSetting } from "../guest-agent.ts";
import { textOf } from "../parameters.ts";
import { createRandom } from "../random.ts";
import { releases } from "../releases.ts";
import type { Call } from "../route.ts";
import { type GuestVolume, volumesOf } from "../volumes.ts";

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

export function guestConfig({ state, release, parameters }: Call, guest: SimGuest): object {
  const snapshot = textOf(parameters, "snapshot");
  if (snapshot !== undefined) throw new ApiError(500, `snapshot '${snapshot}' does not exist`);
  const lock = state.lockOf(guest);
  const settings = {
    ...(guest.type === "qemu" ? machine(guest, releases[release].qemu) : container(guest)),
    ...(guest.tags.length > 0 ? { tags: guest.tags.join(";") } : {}),
    ...(guest.template ? { template: 1 } : {}),
    ...(lock === undefined ? {} : { lock }),
  };
  return { ...settings, digest: createHash("sha1").update(JSON.stringify(settings)).digest("hex") };
}

function machine(guest: SimGuest, qemu: string): object {
  const random = createRandom(guest.seed);
  return {
    name: guest.name,
    cores: guest.cores,
    sockets: 1,
    cpu: "x86-64-v2-AES",
    numa: 0,
    memory: String(guest.memoryBytes / mebibyte),
    ...(guest.balloon ? {} : { balloon: 0 }),
    ...(agentSetting(guest) === undefined ? {} : { agent: agentSetting(guest) }),
    ostype: guest.ostype,
    machine: "q35",
    bios: "ovmf",
    boot: "order=scsi0",
    scsihw: "virtio-scsi-single",
    ...diskLines(guest, (volume) =>
      volume.key === "efidisk0" ? ["efitype=4m", "pre-enrolled-keys=1"] : ["discard=on", "iothread=1", "ssd=1"],
    ),
    net0: `virtio=${macAddress(random.hex(6))},bridge=vmbr0`,
    onboot: guest.template ? 0 : 1,
    smbios1: `uuid=${uuid(random.hex(32))}`,
    vmgenid: uuid(random.hex(32)),
    meta: `creation-qemu=${qemu},ctime=${guest.createdAtS}`,
    description: `Simulated ${guest.truth.archetype} guest`,
  };
}

function container(guest: SimGuest): object {
  const random = createRandom(guest.seed);
  return {
    hostname: guest.name,
    arch: "amd64",
    cores: guest.cores,
    memory: guest.memoryBytes / mebibyte,
    swap: 512,
    ostype: guest.ostype,
    ...diskLines(guest, (volume) => (volume.key === "mp0" ? ["mp=/srv/data"] : [])),
    net0: `name=eth0,bridge=vmbr0,hwaddr=${macAddress(random.hex(6))},ip=dhcp,type=veth`,
    features: "nesting=1",
    unprivileged: 1,
    onboot: 1,
    description: `Simulated ${guest.truth.archetype} guest`,
  };
}

function diskLines(guest: SimGuest, options: (volume: GuestVolume) => readonly string[]): Record<string, string> {
  return Object.fromEntries(
    volumesOf(guest).map((volume) => {
      const size = volume.sizeBytes < gibibyte ? `${volume.sizeBytes / mebibyte}M` : `${volume.sizeBytes / gibibyte}G`;
      const settings = [...options(volume), ...backupSetting(guest, volume), `size=${size}`].sort();
      return [volume.key, [volume.volid, ...settings].join(",")];
    }),
  );
}

/** A VM's disk is backed up unless it says no, a container's mount point only if it says yes. */
function backupSetting({ type }: SimGuest, { key, backup }: GuestVolume): readonly string[] {
  if (type === "qemu") return backup ? [] : ["backup=0"];
  return key === "mp0" && backup ? ["backup=1"] : [];
}

/** In Proxmox's own prefix. */
const macAddress = (hex: string): string => `BC:24:11:${(hex.match(/../g) ?? []).join(":").toUpperCase()}`;
const uuid = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
