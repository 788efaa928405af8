// Finished tasks, so that their history is longer than PVE's own and survives a restart; bounded by age and number.

import type { Clock } from "../../lib/clock.ts";
import { inGroups } from "../../lib/in-groups.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { Task } from "../../model/inventory.ts";
import type { StateDatabase } from "./schema.ts";

const keepMs = 90 * 24 * 3_600_000;
const keepCount = 20_000;
const rowsPerStatement = 200;

export interface FinishedTasks {
  /** Newest first. */
  load(cluster: ClusterId, limit?: number): Promise<readonly Task[]>;
  /** Adds or replaces the finished ones, running ones are passed over; then drops what is too old or too much. */
  save(tasks: readonly Task[]): Promise<void>;
}

export interface TaskBounds {
  readonly keepMs?: number;
  readonly keepCount?: number;
}

export function finishedTasksIn(db: StateDatabase, clock: Clock, bounds: TaskBounds = {}): FinishedTasks {
  return {
    async load(cluster, limit = 1_000) {
      const rows = await db
        .selectFrom("tasks")
        .select("body")
        .where("cluster", "=", cluster)
        .orderBy("ended_at", "desc")
        .orderBy("upid")
        .limit(limit)
        .execute();
      return rows.map((row) => JSON.parse(row.body) as Task);
    },

    async save(tasks) {
      const rows = [...new Map(tasks.flatMap((task) => finishedRow(task))).values()];
      if (rows.length === 0) return;
      await db.transaction().execute(async (transaction) => {
        for (const some of inGroups(rows, rowsPerStatement)) {
          await transaction
            .insertInto("tasks")
            .values([...some])
            .onConflict((conflict) =>
              conflict.column("upid").doUpdateSet((row) => ({
                ended_at: row.ref("excluded.ended_at"),
                body: row.ref("excluded.body"),
              })),
            )
            .execute();
        }
        await prune(transaction, clock.now() - (bounds.keepMs ?? keepMs), bounds.keepCount ?? keepCount);
      });
    },
  };
}

function finishedRow(task: Task) {
  const { upid, cluster, startedAt, endedAt } = task;
  if (endedAt === null) return [];
  const row = { upid, cluster, started_at: startedAt, ended_at: endedAt, body: JSON.stringify(task) };
  return [[upid, row] as const];
}

async function prune(db: StateDatabase, before: number, count: number): Promise<void> {
  await db.deleteFrom("tasks").where("ended_at", "<", before).execute();
  const oldestKept = await db
    .selectFrom("tasks")
    .select("ended_at")
    .orderBy("ended_at", "desc")
    .offset(count - 1)
    .limit(1)
    .executeTakeFirst();
  if (oldestKept !== undefined) await db.deleteFrom("tasks").where("ended_at", "<", oldestKept.ended_at).execute();
}
