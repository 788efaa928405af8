// Configurations of guests. Only named settings are kept: a password, a key or a note never gets into a fact.
import { aFact } from "../../../model/facts.ts";
import { type GuestConfig, guestConfig } from "../../../pve/index.ts";
import { type FactReader, orNull } from "../fact-reader.ts";

const mebibyte = 2 ** 20;

const diskKey = /^(?:ide|sata|scsi|virtio|mp|efidisk|tpmstate)\d+$|^rootfs$/;
const networkKey = /^net\d+$/;
/** What else is told as it is. */
const settingKey =
  /^(?:affinity|arch|bios|boot|cores|cpu|cpulimit|cpuunits|features|freeze|hostpci\d+|hotplug|kvm|localtime|lock|machine|nameserver|numa|numa\d+|onboot|ostype|scsihw|searchdomain|shares|sockets|startup|swap|tablet|timezone|unprivileged|usb\d+|vcpus|vga|vmstatestorage|watchdog)$/;

export const guestConfigs: FactReader<"guest"> = {
  name: "guest_configs",
  scope: "guest",
  tells: ["guest_config"],
  needs: ["VM.Audit"],
  hints: /^(?:qm|vz|resize|move_volume|imgdel|push)/,
  async read({ pve, options }, guest) {
    const { data } = await guestConfig(pve, guest, options);
    return { facts: [aFact("guest_config", guest.id, "", fieldsOf(data, guest.type))] };
  },
};

export function fieldsOf(config: GuestConfig, type: "qemu" | "lxc") {
  const { values } = config;
  const number = (key: string): number | undefined => {
    const value = Number(values.get(key));
    return values.has(key) && Number.isFinite(value) ? value : undefined;
  };
  const matching = (form: RegExp): readonly string[] =>
    [...values]
      .filter(([key]) => form.test(key))
      .map(([key, value]) => `${key}: ${value}`)
      .sort();
  const cores = number("cores");
  const memory = number("memory");
  const balloon = number("balloon");
  const disks = matching(diskKey).filter((line) => !/media=cdrom/.test(line));
  return {
    digest: orNull(config.digest),
    cores: type === "lxc" ? orNull(cores) : (cores ?? 1) * (number("sockets") ?? 1),
    memory_bytes: memory === undefined ? null : memory * mebibyte,
    balloon_bytes: balloon === undefined ? null : balloon * mebibyte,
    disk_bytes: sizeOf(disks),
    disks,
    networks: matching(networkKey),
    os_type: orNull(values.get("ostype")),
    start_at_boot: values.get("onboot") === "1",
    agent: type === "qemu" ? hasAgent(values.get("agent")) : null,
    protection: values.get("protection") === "1",
    snapshot: orNull(values.get("parent")),
    settings: matching(settingKey),
  };
}

/** "1", "enabled=1,fstrim_cloned_disks=1", "1,type=isa". */
export const hasAgent = (value: string | undefined): boolean => /^(?:enabled=)?1\b|,enabled=1\b/.test(value ?? "");

const units: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** All volumes together; null as soon as one does not tell its size. */
function sizeOf(disks: readonly string[]): number | null {
  let sum = 0;
  for (const disk of disks) {
    const [, amount, unit = ""] = /[,:]\s*size=(\d+(?:\.\d+)?)([KMGT])?/.exec(disk) ?? [];
    if (amount === undefined) return null;
    sum += Number(amount) * (units[unit] ?? 1);
  }
  return disks.length === 0 ? null : sum;
}
