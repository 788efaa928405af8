import { describe, expect, it } from "vitest";
import { guestSupply, volumeOf } from "../../../src/analyse/supply/index.ts";
import { fieldsOf } from "../../../src/collect/facts/readers/guest-configs.ts";
import { aGuest } from "../../build.ts";
import { live } from "./a-snapshot.ts";

const gib = 2 ** 30;

function config(type: "qemu" | "lxc", values: Readonly<Record<string, string>>) {
  const about = { digest: undefined, name: undefined, createdAtS: undefined, template: false, tags: [] };
  return fieldsOf({ ...about, values: new Map(Object.entries(values)) }, type);
}

const vm = (values: Record<string, string>, now: Record<string, number> = {}) =>
  guestSupply(live(aGuest("a", 100, 0), now), config("qemu", values));
const container = (values: Record<string, string>, now: Record<string, number> = {}) =>
  guestSupply(live(aGuest("a", 101, 0, { type: "lxc" }), now), config("lxc", values));

describe("CPU base of a guest", () => {
  it("of a VM is its cores by its sockets", () => {
    expect(vm({ cores: "4", sockets: "2" }).cpuBaseCores).toBe(8);
  });

  it("of a VM is what is plugged in, and never more than its limit", () => {
    expect(vm({ cores: "8", vcpus: "2" }).cpuBaseCores).toBe(2);
    expect(vm({ cores: "8", cpulimit: "1.5" }).cpuBaseCores).toBe(1.5);
    expect(vm({ cores: "2", cpulimit: "0" }).cpuBaseCores).toBe(2);
  });

  it("of a container is its cores or its limit, whichever is smaller", () => {
    expect(container({ cores: "4" }).cpuBaseCores).toBe(4);
    expect(container({ cpulimit: "3" }).cpuBaseCores).toBe(3);
    expect(container({ cores: "4", cpulimit: "2" }).cpuBaseCores).toBe(2);
  });

  it("of a container without either is none, whatever the listing says, and its use still counts", () => {
    const supply = container({}, { cpu_count: 64, cpu_ratio: 0.5 });

    expect(supply).toMatchObject({ cpuBaseCores: null, cpuBase: "unlimited", cpuDemandCores: 32 });
  });

  it("comes from the listing for a VM whose configuration was not read, and is unknown for such a container", () => {
    const listed = { cpu_count: 4 };

    expect(guestSupply(live(aGuest("a", 1, 0), listed))).toMatchObject({ cpuBaseCores: 4, cpuBase: "listing" });
    const unread = guestSupply(live(aGuest("a", 1, 0, { type: "lxc" }), listed));
    expect(unread).toMatchObject({ cpuBaseCores: null, cpuBase: "unknown" });
  });
});

describe("Memory of a guest", () => {
  it("is demanded as its node pays for it, else as it is reported, with its source", () => {
    const used = { mem_used_bytes: 3 * gib, mem_source: 1 };

    expect(vm({}, { ...used, mem_host_bytes: 4 * gib })).toMatchObject({
      memoryDemandBytes: 4 * gib,
      memoryDemandSource: "host",
    });
    expect(vm({}, used)).toMatchObject({ memoryDemandBytes: 3 * gib, memoryDemandSource: "guest" });
  });

  it("is not known rather than 0 before the first sample, and 0 when it does not run", () => {
    expect(vm({}).memoryDemandBytes).toBeNull();
    const stopped = live(aGuest("a", 100, 0, { status: "stopped" }), { mem_used_bytes: gib });
    expect(guestSupply(stopped)).toMatchObject({ memoryDemandBytes: 0, cpuDemandCores: 0 });
  });

  it("is guaranteed down to the balloon's minimum, wholly without a balloon or with a device passed through", () => {
    expect(vm({ memory: "4096", balloon: "1024" }).memoryGuaranteedBytes).toBe(gib);
    expect(vm({ memory: "4096", balloon: "0" }).memoryGuaranteedBytes).toBe(4 * gib);
    expect(vm({ memory: "4096" }).memoryGuaranteedBytes).toBe(4 * gib);
    expect(vm({ memory: "4096", balloon: "1024", hostpci0: "01:00" }).memoryGuaranteedBytes).toBe(4 * gib);
    expect(container({ memory: "4096" }).memoryGuaranteedBytes).toBe(0);
  });
});

describe("Disks of a guest", () => {
  it("are all volumes of its configuration, drives for discs left out", () => {
    const { diskBytes, volumes } = vm({
      scsi0: "local-zfs:vm-100-disk-0,discard=on,size=32G",
      efidisk0: "local-zfs:vm-100-disk-1,efitype=4m,size=512K",
      ide2: "local:iso/debian.iso,media=cdrom,size=600M",
    });

    expect(diskBytes).toBe(32 * gib + 512 * 1024);
    expect(volumes.map(({ key }) => key)).toEqual(["efidisk0", "scsi0"]);
  });

  it("leave out what a linked clone shares with its base, and tell it apart", () => {
    const clone = vm({
      scsi0: "local-zfs:base-9000-disk-0/vm-100-disk-0,size=10G",
      scsi1: "nfs:vm-100-disk-1,size=5G",
    });

    expect(clone).toMatchObject({ diskBytes: 5 * gib, linkedDiskBytes: 10 * gib });
    const onFiles = "scsi0: nfs:9000/base-9000-disk-0.qcow2/100/vm-100-disk-0.qcow2,size=10G";
    expect(volumeOf(onFiles)?.linkedTo).toBe("9000/base-9000-disk-0.qcow2");
    expect(volumeOf("scsi0: nfs:9000/base-9000-disk-0.qcow2,size=10G")?.linkedTo).toBeNull();
  });

  it("leave out what lies on no storage, and are not known when a volume does not tell its size", () => {
    const mounts = { rootfs: "local-lvm:vm-101-disk-0,size=8G", mp0: "/srv/share,mp=/share" };

    expect(container(mounts).diskBytes).toBe(8 * gib);
    expect(container({ rootfs: "local-lvm:vm-101-disk-0" }).diskBytes).toBeNull();
  });
});

it("A template is disk alone", () => {
  const template = guestSupply(
    live(aGuest("a", 9000, 0, { template: true, status: "stopped" }), { cpu_count: 4, mem_total_bytes: gib }),
    config("qemu", { cores: "4", memory: "1024", scsi0: "local-zfs:base-9000-disk-0,size=3G" }),
  );

  expect(template).toMatchObject({
    running: false,
    cpuBaseCores: null,
    memoryAllocatedBytes: null,
    diskBytes: 3 * gib,
  });
});
