// What the cluster does by itself every night, as tasks: the runs of its backup jobs, and the daily package list update.
import type { BackupRun, GuestBackup } from "./backup-plan.ts";
import type { SimNode } from "./entities.ts";
import { hash } from "./random.ts";
import { makeTask, type SimTask, type TaskLine } from "./task.ts";

export function nightlyTasks(
  runs: readonly BackupRun[],
  nodes: readonly SimNode[],
  seed: number,
  midnightS: number,
): readonly SimTask[] {
  return [
    ...runs.map((run) => backupTask(run, seed, midnightS)),
    ...nodes.map((node) => packageUpdate(node, seed, midnightS)),
  ];
}

/** One task for all guests of the node; its id is the vmid only when there is just one. */
function backupTask(run: BackupRun, seed: number, midnightS: number): SimTask {
  const { node, startS, endS, backups } = run;
  const salt = hash(seed ^ hash(node.nodeId, run.job.startS), midnightS);
  const id = backups.length === 1 ? String(backups[0]?.guest.vmid) : "";
  const task = makeTask({ node: node.name, type: "vzdump", id, user: "root@pam", startS, endS, salt, ...boot(node) });
  task.exit = exitOf(backups);
  task.lines = () => backupLines(run, task.exit ?? "");
  return task;
}

const boot = (node: SimNode): { readonly bootedAtS: number } => ({ bootedAtS: node.bootedAtS });

function exitOf(backups: readonly GuestBackup[]): string {
  if (backups.some((backup) => backup.outcome === "failed")) return "job errors";
  const warnings = backups.filter((backup) => backup.outcome === "warning").length;
  return warnings > 0 ? `WARNINGS: ${warnings}` : "OK";
}

function backupLines(run: BackupRun, exit: string): readonly TaskLine[] {
  const vmids = run.backups.map((backup) => backup.guest.vmid).join(" ");
  const command = `vzdump ${vmids} --mode snapshot --storage ${run.job.storage} --compress zstd --quiet 1`;
  const failed = exit === "job errors";
  return [
    { atS: run.startS, text: `INFO: starting new backup job: ${command}` },
    ...run.backups.flatMap(guestLines),
    { atS: run.endS, text: `INFO: Backup job finished ${failed ? "with errors" : "successfully"}` },
    { atS: run.endS, text: failed ? "TASK ERROR: job errors" : `TASK ${exit}` },
  ];
}

function guestLines({ guest, startS, endS, outcome }: GuestBackup): readonly TaskLine[] {
  const who = `${guest.type === "qemu" ? "VM" : "CT"} ${guest.vmid}`;
  const at = (share: number): number => startS + (endS - startS) * share;
  const size = gib(guest.diskBytes);
  const begin = [
    { atS: startS, text: `INFO: Starting Backup of ${who} (${guest.type})` },
    { atS: startS, text: `INFO: Backup started at ${stamp(startS)}` },
    { atS: startS, text: `INFO: ${guest.type === "qemu" ? "VM" : "CT"} Name: ${guest.name}` },
    { atS: at(0.3), text: `INFO:  30% (${gib(guest.diskBytes * 0.3)} of ${size})` },
  ];
  if (outcome === "failed") {
    const text = `ERROR: Backup of ${who} failed - job failed with err -5 - Input/output error`;
    return [...begin, { atS: endS, text }, { atS: endS, text: `INFO: Failed at ${stamp(endS)}` }];
  }
  const warning = outcome === "ok" ? [] : [{ atS: endS, text: "WARN: guest agent did not answer, no fs-freeze" }];
  return [
    ...begin,
    { atS: at(0.7), text: `INFO:  70% (${gib(guest.diskBytes * 0.7)} of ${size})` },
    ...warning,
    { atS: endS, text: `INFO: Finished Backup of ${who} (${clockTime(endS - startS)})` },
    { atS: endS, text: `INFO: Backup finished at ${stamp(endS)}` },
  ];
}

function packageUpdate(node: SimNode, seed: number, midnightS: number): SimTask {
  const salt = hash(seed ^ (node.nodeId + 1_000_003), midnightS);
  const startS = midnightS + 4 * 3600 + (salt % 5400);
  const plan = { node: node.name, type: "aptupdate", id: "", user: "root@pam", startS, endS: startS + 4, salt };
  const task = makeTask({ ...plan, ...boot(node) });
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
