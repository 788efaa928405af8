// What the cluster does by itself every night: a backup of each guest, one after the other on every node, and the
// daily package list update. One guest's backup fails every night and one ends with a warning.
import type { SimGuest, SimNode } from "./entities.ts";
import { hash } from "./random.ts";
import { makeTask, type SimTask } from "./task.ts";

export interface NightPlan {
  readonly nodes: readonly SimNode[];
  readonly guests: readonly SimGuest[];
  readonly seed: number;
  readonly midnightS: number;
}

const firstBackupS = 3600;
/** All backups of a node are done within three hours. */
const windowS = 3 * 3600;
const backupBytesPerSecond = 150 * 2 ** 20;

export function nightlyTasks(night: NightPlan): readonly SimTask[] {
  return night.nodes.flatMap((node) => [...backups(night, node), packageUpdate(night, node)]);
}

/** Which guests' backups go wrong; the same every night. */
export const failingBackup = (guests: readonly SimGuest[]): number | undefined => backedUp(guests).at(2)?.vmid;
const warningBackup = (guests: readonly SimGuest[]): number | undefined => backedUp(guests).at(5)?.vmid;
const backedUp = (guests: readonly SimGuest[]): readonly SimGuest[] => guests.filter((guest) => !guest.template);

function backups(night: NightPlan, node: SimNode): readonly SimTask[] {
  const guests = backedUp(night.guests).filter(
    (guest) => guest.node === node.name && guest.createdAtS < night.midnightS,
  );
  const failing = failingBackup(night.guests);
  const warning = warningBackup(night.guests);
  let startS = night.midnightS + firstBackupS + (node.nodeId % 6) * 300;
  return guests.map((guest) => {
    const naturalS = 15 + (guest.diskBytes * 0.5) / backupBytesPerSecond;
    const endS = startS + Math.ceil(Math.max(4, Math.min(naturalS, windowS / guests.length)));
    const salt = hash(night.seed ^ guest.vmid, night.midnightS);
    const id = String(guest.vmid);
    const plan = { node: node.name, type: "vzdump", id, user: "root@pam", startS, endS, salt };
    const task = makeTask({ ...plan, bootedAtS: node.bootedAtS });
    task.exit = guest.vmid === failing ? "job errors" : guest.vmid === warning ? "WARNINGS: 1" : "OK";
    task.lines = () => backupLines(task, guest);
    startS = endS + 1;
    return task;
  });
}

function backupLines(task: SimTask, guest: SimGuest): readonly { atS: number; text: string }[] {
  const kind = guest.type === "qemu" ? "VM" : "CT";
  const { startS, endS } = task;
  const at = (share: number): number => startS + (endS - startS) * share;
  const command = `vzdump ${guest.vmid} --mode snapshot --storage nfs-backup --compress zstd --quiet 1`;
  const begin = [
    { atS: startS, text: `INFO: starting new backup job: ${command}` },
    { atS: startS, text: `INFO: Starting Backup of ${kind} ${guest.vmid} (${guest.type})` },
    { atS: startS, text: `INFO: Backup started at ${stamp(startS)}` },
    { atS: at(0.3), text: `INFO:  30% (${gib(guest.diskBytes * 0.3)} of ${gib(guest.diskBytes)})` },
    { atS: at(0.7), text: `INFO:  70% (${gib(guest.diskBytes * 0.7)} of ${gib(guest.diskBytes)})` },
  ];
  if (task.exit === "job errors") {
    return [
      ...begin.slice(0, 4),
      {
        atS: endS,
        text: `ERROR: Backup of ${kind} ${guest.vmid} failed - job failed with err -5 - Input/output error`,
      },
      { atS: endS, text: "INFO: Backup job finished with errors" },
      { atS: endS, text: "TASK ERROR: job errors" },
    ];
  }
  const warning = task.exit === "OK" ? [] : [{ atS: endS, text: "WARN: guest agent did not answer, no fs-freeze" }];
  return [
    ...begin,
    ...warning,
    { atS: endS, text: `INFO: Finished Backup of ${kind} ${guest.vmid} (${clockTime(endS - startS)})` },
    { atS: endS, text: "INFO: Backup job finished successfully" },
    { atS: endS, text: task.exit === "OK" ? "TASK OK" : `TASK ${task.exit ?? ""}` },
  ];
}

function packageUpdate(night: NightPlan, node: SimNode): SimTask {
  const salt = hash(night.seed ^ (node.nodeId + 1_000_003), night.midnightS);
  const startS = night.midnightS + 4 * 3600 + (salt % 5400);
  const plan = { node: node.name, type: "aptupdate", id: "", user: "root@pam", startS, endS: startS + 4, salt };
  const task = makeTask({ ...plan, bootedAtS: node.bootedAtS });
  task.exit = "OK";
  task.lines = () => [
    { atS: startS, text: "starting apt-get update" },
    { atS: startS + 4, text: "TASK OK" },
  ];
  return task;
}

const stamp = (atS: number): string => new Date(atS * 1000).toISOString().slice(0, 19).replace("T", " ");
const clockTime = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 19);
const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
