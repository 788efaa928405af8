// A task in the words of PVE's own task list: "VM 120 - Backup". Taken from what PVE's page shows for each task type.
import type { TaskItem } from "./item.ts";

const guestTasks: Readonly<Record<string, string>> = {
  qmstart: "VM - Start",
  qmstop: "VM - Stop",
  qmshutdown: "VM - Shutdown",
  qmreboot: "VM - Reboot",
  qmreset: "VM - Reset",
  qmsuspend: "VM - Hibernate",
  qmpause: "VM - Pause",
  qmresume: "VM - Resume",
  qmcreate: "VM - Create",
  qmrestore: "VM - Restore",
  qmdestroy: "VM - Destroy",
  qmigrate: "VM - Migrate",
  qmclone: "VM - Clone",
  qmmove: "VM - Move disk",
  qmtemplate: "VM - Convert to template",
  qmsnapshot: "VM - Snapshot",
  qmdelsnapshot: "VM - Delete Snapshot",
  qmrollback: "VM - Rollback",
  qmconfig: "VM - Configure",
  vzstart: "CT - Start",
  vzstop: "CT - Stop",
  vzshutdown: "CT - Shutdown",
  vzreboot: "CT - Reboot",
  vzsuspend: "CT - Suspend",
  vzresume: "CT - Resume",
  vzcreate: "CT - Create",
  vzrestore: "CT - Restore",
  vzdestroy: "CT - Destroy",
  vzmigrate: "CT - Migrate",
  vzclone: "CT - Clone",
  vztemplate: "CT - Convert to template",
  vzsnapshot: "CT - Snapshot",
  vzdelsnapshot: "CT - Delete Snapshot",
  vzrollback: "CT - Rollback",
  hamigrate: "HA - Migrate",
  hastart: "HA - Start",
  hastop: "HA - Stop",
  hashutdown: "HA - Shutdown",
  vncproxy: "VM/CT - Console",
  vncshell: "Shell",
  resize: "VM/CT - Resize",
  vzdump: "VM/CT - Backup",
};

const otherTasks: Readonly<Record<string, string>> = {
  aptupdate: "Update package database",
  startall: "Bulk start VMs and Containers",
  stopall: "Bulk shutdown VMs and Containers",
  migrateall: "Bulk migrate VMs and Containers",
  suspendall: "Suspend all VMs",
  srvstart: "Start service",
  srvstop: "Stop service",
  srvrestart: "Restart service",
  srvreload: "Reload service",
  imgcopy: "Copy data",
  imgdel: "Erase data",
  download: "File - Download",
  vzdump: "Backup Job",
  zfscreate: "ZFS Storage - Create",
  lvmthincreate: "LVM-Thin Storage - Create",
  cephcreateosd: "Ceph OSD - Create",
  pull_file: "File - Download",
  acmerenew: "SRV - Renew certificate",
  spiceproxy: "VM/CT - Console (Spice)",
};

/** PVE's description of a task; for a type that we do not know, its type and subject as PVE wrote them. */
export function taskWords({ type, subject }: Pick<TaskItem, "type" | "subject">): string {
  const guestTask = guestTasks[type];
  if (guestTask !== undefined && subject !== "") return guestTask.replace(/ - |$/, (part) => ` ${subject}${part}`);
  const other = otherTasks[type];
  if (other === undefined) return subject === "" ? type : `${type} ${subject}`;
  return subject === "" ? other : `${other} - ${subject}`;
}

/** Running ones first, then the latest end; those of one moment by their id, so that they do not dance. */
export function sortTasks(tasks: readonly TaskItem[]): readonly TaskItem[] {
  const key = (task: TaskItem): string =>
    task.state === "running" ? task.started_at : (task.ended_at ?? task.started_at);
  return [...tasks].sort(
    (a, b) =>
      Number(b.state === "running") - Number(a.state === "running") ||
      key(b).localeCompare(key(a)) ||
      a.upid.localeCompare(b.upid),
  );
}
