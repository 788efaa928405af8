// Versions and places of Ceph's daemons.
import type { CephNow } from "../ceph-health.ts";
import { textOf } from "../parameters.ts";
import { cephVersion } from "../releases.ts";
import type { Call } from "../route.ts";

export function cephMetadata({ state, parameters }: Call, now: CephNow): object {
  const node = Object.fromEntries(
    [...state.nodes.keys()].map((name) => [
      name,
      { buildcommit: cephVersion.commit, version: { parts: cephVersion.short.split("."), str: cephVersion.short } },
    ]),
  );
  if (textOf(parameters, "scope") === "versions") return { mon: {}, mgr: {}, mds: {}, osd: [], node };
  const common = (name: string): object => ({
    hostname: name,
    ceph_release: "squid",
    ceph_version: cephVersion.long,
    ceph_version_short: cephVersion.short,
    mem_total_kb: Math.floor((state.nodes.get(name)?.hardware.memoryBytes ?? 0) / 1024),
    mem_swap_kb: Math.floor((state.nodes.get(name)?.hardware.swapBytes ?? 0) / 1024),
  });
  const address = (name: string): string => `${state.nodes.get(name)?.ip}:6789/0`;
  const daemons = (names: readonly string[], key: "addr" | "addrs"): object =>
    Object.fromEntries(names.map((name) => [`${name}@${name}`, { name, [key]: address(name), ...common(name) }]));
  return {
    mon: daemons(now.plan.monitors, "addrs"),
    mgr: daemons(now.plan.monitors, "addr"),
    mds: {},
    node,
    osd: now.osds.map((osd) => ({
      id: osd.id,
      ...common(osd.node),
      osd_data: `/var/lib/ceph/osd/ceph-${osd.id}`,
      osd_objectstore: "bluestore",
      back_addr: address(osd.node),
      front_addr: address(osd.node),
      devices: osd.disk.devpath.replace("/dev/", ""),
      device_ids: `${osd.disk.devpath.replace("/dev/", "")}=${osd.disk.serial}`,
    })),
  };
}
