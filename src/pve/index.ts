// What the other folders use to ask a Proxmox VE cluster.
export { parseAnswer } from "./answer.ts";
export type { Login } from "./auth-ticket.ts";
export type { AccessWay } from "./auth-way.ts";
export type { BudgetUse } from "./budget-meter.ts";
export { nodeVersion, type Permissions, permissions, type Version, version } from "./calls/access.ts";
export { type GuestFileSystem, type GuestMemory, guestFileSystems, guestMeminfo } from "./calls/agent.ts";
export {
  type BackupJob,
  type BackupVolume,
  backupJobs,
  backupVolumes,
  type UncoveredGuest,
  uncoveredGuests,
} from "./calls/backup.ts";
export type { PveReader } from "./calls/call-options.ts";
export {
  type CephOsd,
  type CephPool,
  type CephStatus,
  cephOsds,
  cephPools,
  cephStatus,
} from "./calls/ceph.ts";
export { clusterLog, type LogLine } from "./calls/cluster-log.ts";
export {
  type ClusterResources,
  clusterResources,
  type GuestRow,
  type NodeRow,
  readClusterResources,
  type StorageRow,
} from "./calls/cluster-resources.ts";
export { type ClusterStatus, clusterStatus, nodes } from "./calls/cluster-status.ts";
export { pools, storages } from "./calls/datacenter.ts";
export { type Disk, disks, type Smart, smart } from "./calls/disks.ts";
export { type ExportPoints, exportColumns } from "./calls/export-columns.ts";
export { type GuestAddress, type GuestConfig, guestConfig } from "./calls/guest.ts";
export { type HaEntry, type HaRule, haGroups, haRules, haStatus } from "./calls/ha.ts";
export { metricsExport, readMetricsExport } from "./calls/metrics-export.ts";
export { certificates, nodeStatus } from "./calls/node.ts";
export { type Package, packages } from "./calls/packages.ts";
export {
  type ThinPool,
  thinPools,
  type ZfsDetail,
  type ZfsPool,
  zfsDetail,
  zfsPools,
} from "./calls/pools-of-node.ts";
export { type ReplicationState, replication } from "./calls/replication.ts";
export { type RrdQuery, type RrdRow, readRrdData, rrdData } from "./calls/rrd-data.ts";
export { type StorageBacking, storageBackings, storageIdentity } from "./calls/storage-backing.ts";
export { type Subscription, subscription } from "./calls/subscription.ts";
export { clusterTasks, nodeTasks, type TaskRow, taskLog, taskStatus } from "./calls/task.ts";
export { PveCluster, type PveOptions } from "./cluster.ts";
export {
  PveAnswerError,
  PveAuthError,
  PveCancelledError,
  PveError,
  PveOverloadedError,
  PvePermissionError,
  PveRefusedError,
  PveTooOldError,
  PveTrustError,
  PveUnreachableError,
} from "./errors.ts";
export { type Feature, features } from "./features.ts";
export type { PveLimits } from "./limits.ts";
export { pvePath } from "./path.ts";
export { checkPrivileges, grantLines, nameOf, type PrivilegeCheck, pveumLines } from "./privileges.ts";
export type { Rows } from "./read.ts";
export type { EmittedRequest, PveAnswer, PveGet } from "./request.ts";
export { followTask, outcomeOf, taskState } from "./tasks.ts";
export { probeCertificate, type ShownCertificate, type Trust } from "./trust.ts";
export { parseUpid, printUpid } from "./upid.ts";
export {
  type Capabilities,
  capabilitiesOf,
  compareVersions,
  type RrdTimeframe,
  requireSupported,
} from "./version.ts";
