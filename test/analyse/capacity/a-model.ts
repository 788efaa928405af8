// Models for tests: only what matters is written in the test itself.
import type { Amount, ClusterModel, ModelGuest, ModelNode } from "../../../src/analyse/capacity/cluster-model.ts";

export const gib = 2 ** 30;

export const amount = (cpuCores: number, memoryGib: number): Amount => ({ cpuCores, memoryBytes: memoryGib * gib });

export const node = (name: string, more: Partial<ModelNode> = {}): ModelNode => ({
  name,
  online: true,
  open: true,
  total: amount(16, 64),
  host: amount(1, 4),
  ksmBytes: 0,
  ...more,
});

export function guest(vmid: number, on: string, need: Amount, more: Partial<ModelGuest> = {}): ModelGuest {
  return {
    id: `lab/guest/${vmid}~1`,
    vmid,
    name: `vm${vmid}`,
    node: on,
    need: { p95: need, mean: { cpuCores: need.cpuCores / 2, memoryBytes: need.memoryBytes / 2 }, basis: "measured" },
    diskBytes: 32 * gib,
    disks: { shared: ["nfs"], local: [], copies: {} },
    tie: null,
    ha: true,
    onlyNodes: null,
    apart: [],
    together: [],
    ...more,
  };
}

export const aModel = (more: Partial<ClusterModel> & Pick<ClusterModel, "nodes" | "guests">): ClusterModel => ({
  cluster: "lab",
  clustered: true,
  storages: { nfs: more.nodes.map(({ name }) => name) },
  shared: ["nfs"],
  cephStorages: [],
  ceph: null,
  ...more,
});
