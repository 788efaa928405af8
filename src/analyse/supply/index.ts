// What a cluster has and what its guests take: one set of rules for utilization, capacity, cost and sizing.
export {
  type Capacity,
  type ClusterSupply,
  capacityOf,
  clusterSupply,
  type Snapshot,
  type SupplyOptions,
} from "./cluster-supply.ts";
export { type GuestSupply, guestSupply } from "./guest-supply.ts";
export {
  hostOverheadBytes,
  hostOverheadCores,
  type MeasuredOverhead,
  type NodeSupply,
  nodeMemoryDemand,
} from "./node-supply.ts";
export { type CpuOfNode, capacityCores, coresInUse, defaultSmtGain } from "./smt.ts";
export type { BackingSupply, StorageRole } from "./storage-supply.ts";
export { type Volume, volumeOf } from "./volumes.ts";
