// Tasks: the lists of a cluster and of a node, one task's state and its log.
import { pvePath } from "../path.ts";
import { type Fields, integer, name, type Rows, record, rowsOf, text, UnreadableAnswer } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import { parseUpid } from "../upid.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface TaskRow {
  readonly upid: string;
  readonly node: string;
  readonly type: string;
  /** What it works on; may be empty. */
  readonly id: string;
  readonly user: string;
  /** Seconds since the epoch. */
  readonly startTimeS: number;
  /** Undefined while it runs. */
  readonly endTimeS: number | undefined;
  /** PVE's own words when it has ended; see taskState. */
  readonly exitStatus: string | undefined;
}

export interface TaskStatus {
  readonly running: boolean;
  /** PVE's own words when it has ended. */
  readonly exitStatus: string | undefined;
}

export interface TaskLogLine {
  readonly line: number;
  readonly text: string;
}

export interface NodeTasksQuery {
  readonly source?: "archive" | "active" | "all";
  readonly sinceS?: number;
  readonly untilS?: number;
  readonly vmid?: number;
  /** PVE's word, for instance "vzdestroy". */
  readonly type?: string;
  readonly limit?: number;
  readonly start?: number;
}

export const readTasks = (data: unknown): Rows<TaskRow> => rowsOf(data, readTask);

function readTask(row: Fields): TaskRow | undefined {
  const upid = name(row["upid"]);
  const parsed = upid === undefined ? undefined : parseUpid(upid);
  if (upid === undefined || parsed === undefined) return undefined;
  const status = name(row["status"]);
  const running = status === "RUNNING" || status === "running";
  return {
    upid,
    node: parsed.node,
    type: parsed.type,
    id: parsed.id,
    user: parsed.user,
    startTimeS: parsed.startTimeS,
    endTimeS: running ? undefined : integer(row["endtime"]),
    exitStatus: running ? undefined : status,
  };
}

export function readTaskStatus(data: unknown): TaskStatus {
  const fields = record(data);
  const status = name(fields["status"]);
  if (status !== "running" && status !== "stopped") throw new UnreadableAnswer("running or stopped", fields["status"]);
  return { running: status === "running", exitStatus: name(fields["exitstatus"]) };
}

export const readTaskLog = (data: unknown): Rows<TaskLogLine> =>
  rowsOf(data, (row) => {
    const line = integer(row["n"]);
    return line === undefined ? undefined : { line, text: text(row["t"]) ?? "" };
  });

/** Running and lately finished tasks of all nodes: good for a live view, not complete. */
export const clusterTasks = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Rows<TaskRow>>> =>
  pve.get({ ...options, path: "/cluster/tasks", read: readTasks });

/** A node's own list; without `source` only the finished ones, and 50 without `limit`. */
export function nodeTasks(
  pve: PveReader,
  node: string,
  { source, sinceS, untilS, vmid, type, limit, start }: NodeTasksQuery = {},
  options: CallOptions = {},
): Promise<PveAnswer<Rows<TaskRow>>> {
  const query = { source, since: whole(sinceS), until: whole(untilS), vmid, typefilter: type, limit, start };
  return pve.get({ ...options, path: pvePath`/nodes/${node}/tasks`, query, node, read: readTasks });
}

const whole = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : Math.floor(seconds);

/** The state of one task, asked of the node that it runs on. Throws an UnreadableAnswer for what is no UPID. */
export async function taskStatus(
  pve: PveReader,
  upid: string,
  options: CallOptions = {},
): Promise<PveAnswer<TaskStatus>> {
  const node = nodeOf(upid);
  return pve.get({ ...options, path: pvePath`/nodes/${node}/tasks/${upid}/status`, node, read: readTaskStatus });
}

/** Lines of a task's log from number `start` (0 is the first); at most `limit`. */
export async function taskLog(
  pve: PveReader,
  upid: string,
  { start = 0, limit = 500 }: { readonly start?: number; readonly limit?: number } = {},
  options: CallOptions = {},
): Promise<PveAnswer<Rows<TaskLogLine>>> {
  const node = nodeOf(upid);
  const path = pvePath`/nodes/${node}/tasks/${upid}/log`;
  return pve.get({ ...options, path, query: { start, limit }, node, read: readTaskLog });
}

function nodeOf(upid: string): string {
  const parsed = parseUpid(upid);
  if (parsed === undefined) throw new UnreadableAnswer("a task id", upid);
  return parsed.node;
}
