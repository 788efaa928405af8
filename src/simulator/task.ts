// One task as PVE keeps it: its UPID, when it ran, what it ended with, and its log.
import { formatUpid } from "./upid.ts";

export interface TaskLine {
  readonly atS: number;
  readonly text: string;
}

export interface SimTask {
  readonly upid: string;
  readonly node: string;
  readonly pid: number;
  readonly pstart: number;
  readonly type: string;
  readonly id: string;
  readonly user: string;
  readonly startS: number;
  readonly endS: number;
  /** What it ends with; known beforehand for nightly tasks, set when it ends for others. */
  exit: string | undefined;
  /** The whole log, also what is not yet written; made when somebody reads it. */
  lines: () => readonly TaskLine[];
}

export function makeTask(plan: {
  readonly node: string;
  readonly type: string;
  readonly id: string;
  readonly user: string;
  readonly startS: number;
  readonly endS: number;
  readonly bootedAtS: number;
  readonly salt: number;
}): SimTask {
  const pid = 1000 + (plan.salt % 4_000_000);
  const pstart = Math.max(0, Math.floor((plan.startS - plan.bootedAtS) * 100)) % 2 ** 32;
  const { node, type, id, user, startS, endS } = plan;
  const upid = formatUpid({ node, pid, pstart, startS, type, id, user });
  return { upid, node, pid, pstart, type, id, user, startS, endS, exit: undefined, lines: () => [] };
}
