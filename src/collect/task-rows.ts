// PVE's task list as tasks of ours.
import type { ClusterId, EntityId } from "../model/ids.ts";
import type { Task } from "../model/inventory.ts";
import { type TaskRow, taskState } from "../pve/index.ts";

export function toTask(cluster: ClusterId, row: TaskRow, guestId: (vmid: number) => EntityId | undefined): Task {
  return {
    upid: row.upid,
    cluster,
    node: row.node,
    type: row.type,
    subject: row.id,
    guestId: /^\d+$/.test(row.id) ? (guestId(Number(row.id)) ?? null) : null,
    user: row.user,
    startedAt: row.startTimeS * 1000,
    endedAt: row.endTimeS === undefined ? null : row.endTimeS * 1000,
    state: taskState(row),
    exitStatus: row.exitStatus ?? null,
  };
}

/** A guest that this task has deleted. */
export function destroyedGuest(row: TaskRow): { readonly vmid: number; readonly endedAt: number } | undefined {
  if ((row.type !== "qmdestroy" && row.type !== "vzdestroy") || row.exitStatus !== "OK" || row.endTimeS === undefined)
    return undefined;
  return /^\d+$/.test(row.id) ? { vmid: Number(row.id), endedAt: row.endTimeS * 1000 } : undefined;
}
