// The tree of hosts and OSDs, in the shape that PVE's own page draws.
import type { CephNow, OsdNow } from "../ceph-health.ts";
import { cephVersion } from "../releases.ts";
import type { SimulatorState } from "../state.ts";

export function osdTree(state: SimulatorState, now: CephNow): object {
  const hosts = [...state.nodes.values()].map((node, index) => ({
    id: -3 - 2 * index,
    name: node.name,
    type: "host",
    leaf: 0,
    children: now.osds.filter((osd) => osd.node === node.name).map(leaf),
  }));
  const root = { id: -1, name: "default", type: "root", leaf: 0, children: hosts };
  const versions = Object.fromEntries(
    [...state.nodes.keys()].map((node) => [node, { str: cephVersion.short, parts: cephVersion.short.split(".") }]),
  );
  return { root: { leaf: 0, children: [root] }, flags: "sortbitwise,recovery_deletes,purged_snapdirs", versions };
}

function leaf(osd: OsdNow): object {
  const { disk } = osd;
  const terabytes = disk.sizeBytes / 2 ** 40;
  return {
    id: osd.id,
    name: `osd.${osd.id}`,
    type: "osd",
    host: osd.node,
    leaf: 1,
    status: osd.up ? "up" : "down",
    in: 1,
    reweight: 1,
    crush_weight: Math.round(terabytes * 1e5) / 1e5,
    device_class: disk.kind,
    osdtype: "bluestore",
    blfsdev: disk.devpath,
    total_space: disk.sizeBytes,
    bytes_used: osd.usedBytes,
    percent_used: (osd.usedBytes * 100) / disk.sizeBytes,
    commit_latency_ms: 1 + (disk.seed % 4),
    apply_latency_ms: 1 + (disk.seed % 4),
    ceph_version: cephVersion.long,
    ceph_version_short: cephVersion.short,
  };
}
