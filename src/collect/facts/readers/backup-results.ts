// How the last backup of each guest ended. A job's task says only whether all went well; its log says it guest by guest.
import { aFact, type Fact } from "../../../model/facts.ts";
import type { EntityId } from "../../../model/ids.ts";
import { nodeTasks, type TaskRow, taskLog } from "../../../pve/index.ts";
import type { FactContext, FactReader } from "../fact-reader.ts";

const firstLookBackMs = 7 * 24 * 3_600_000;
/** PVE selects by the begin of a task; the longest night is shorter than a day. */
const longestTaskMs = 24 * 3_600_000;
/** An end that was written while we asked. */
const overlapMs = 60_000;
/** Of one task; a night's log of three hundred guests has about six thousand. */
const mostLines = 20_000;
const linesAtOnce = 5_000;

export const backupResults: FactReader<"node"> = {
  name: "backup_results",
  scope: "node",
  tells: ["backup_result"],
  incremental: true,
  needs: ["Sys.Audit"],
  async read(context, node) {
    const { pve, options, lastAt, now } = context;
    const after = (lastAt ?? now - firstLookBackMs) - overlapMs;
    const sinceS = (after - longestTaskMs) / 1000;
    const { rows } = (await nodeTasks(pve, node.name, { sinceS, type: "vzdump", limit: 500 }, options)).data;
    const latest = new Map<EntityId, Fact>();
    const ended = rows
      .filter(({ endTimeS }) => endTimeS !== undefined && endTimeS * 1000 > after)
      .sort((a, b) => a.startTimeS - b.startTimeS);
    for (const task of ended) {
      for (const fact of await resultsOf(context, task)) latest.set(fact.subject, fact);
    }
    return { facts: [...latest.values()] };
  },
};

async function resultsOf(context: FactContext, task: TaskRow): Promise<readonly Fact[]> {
  const lines = await linesOf(context, task);
  const results = backupOutcomes(lines);
  return results.flatMap(({ vmid, message, durationS }) => {
    const guest = context.fleet.guest(vmid);
    if (guest === undefined) return [];
    return [
      aFact("backup_result", guest.id, "", {
        state: message === null ? "OK" : "failed",
        ended_at: (task.endTimeS ?? task.startTimeS) * 1000,
        duration_seconds: durationS,
        message,
        upid: task.upid,
      }),
    ];
  });
}

async function linesOf({ pve, options }: FactContext, task: TaskRow): Promise<readonly string[]> {
  const lines: string[] = [];
  while (lines.length < mostLines) {
    const { rows } = (await taskLog(pve, task.upid, { start: lines.length, limit: linesAtOnce }, options)).data;
    lines.push(...rows.map(({ text }) => text));
    if (rows.length < linesAtOnce) break;
  }
  return lines;
}

export interface BackupOutcome {
  readonly vmid: number;
  /** null: it succeeded. */
  readonly message: string | null;
  readonly durationS: number | null;
}

/** From vzdump's own lines; a guest that was begun and not finished is left out, for it is not known. */
export function backupOutcomes(lines: readonly string[]): readonly BackupOutcome[] {
  const outcomes = new Map<number, BackupOutcome>();
  for (const line of lines) {
    const failed = /ERROR: Backup of VM (\d+) failed - (.*)$/.exec(line);
    const done = /INFO: Finished Backup of VM (\d+) \((\d+):(\d\d):(\d\d)\)/.exec(line);
    if (failed !== null)
      outcomes.set(Number(failed[1]), { vmid: Number(failed[1]), message: (failed[2] ?? "").trim(), durationS: null });
    else if (done !== null) {
      const [, vmid, hours, minutes, seconds] = done.map(Number);
      const durationS = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
      outcomes.set(vmid ?? 0, { vmid: vmid ?? 0, message: null, durationS });
    }
  }
  return [...outcomes.values()];
}
