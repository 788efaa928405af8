// The registry of fact readers. One more is one file in readers/, one line here and its pace in model/facts-paces.ts.
import type { AnyFactReader } from "./fact-reader.ts";
import { agent } from "./readers/agent.ts";
import { backupJobs } from "./readers/backup-jobs.ts";
import { backupResults } from "./readers/backup-results.ts";
import { backups } from "./readers/backups.ts";
import { ceph } from "./readers/ceph.ts";
import { certificates } from "./readers/certificates.ts";
import { clusterLog } from "./readers/cluster-log.ts";
import { disks } from "./readers/disks.ts";
import { guestConfigs } from "./readers/guest-configs.ts";
import { guestPressure } from "./readers/guest-pressure.ts";
import { ha } from "./readers/ha.ts";
import { haRules } from "./readers/ha-rules.ts";
import { hardware } from "./readers/hardware.ts";
import { nodePressure } from "./readers/node-pressure.ts";
import { packages } from "./readers/packages.ts";
import { replication } from "./readers/replication.ts";
import { storageBackings } from "./readers/storage-backings.ts";
import { subscriptions } from "./readers/subscriptions.ts";
import { tasks } from "./readers/tasks.ts";
import { thinPools } from "./readers/thin-pools.ts";
import { zfs } from "./readers/zfs.ts";

export const factReaders: readonly AnyFactReader[] = [
  hardware,
  packages,
  certificates,
  subscriptions,
  disks,
  zfs,
  thinPools,
  ceph,
  backupJobs,
  backups,
  backupResults,
  replication,
  ha,
  haRules,
  tasks,
  clusterLog,
  guestConfigs,
  storageBackings,
  nodePressure,
  guestPressure,
  agent,
];
