// What analysis has concluded, with its life: opened, changed, resolved. Resolved findings are kept for a while, so that
// a report about last month still has them.

import type { Clock } from "../../lib/clock.ts";
import { inGroups } from "../../lib/in-groups.ts";
import { type Finding, type FindingChange, type FindingLog, findingId, type HeldFinding } from "../../model/finding.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { StateDatabase } from "./schema.ts";

const keepResolvedMs = 400 * 24 * 3_600_000;
const keepChanges = 200_000;
/** Below SQLite's and PostgreSQL's limits for parameters. */
const rowsPerStatement = 80;

export interface StoredFindings extends FindingLog {
  /** All that hold, in no order. */
  open(): Promise<readonly HeldFinding[]>;
  /**
   * Takes in everything that a job concludes now: new ones are opened, those that it came to before and does not now are
   * resolved. Returns all findings of the job that hold. All or none.
   */
  replace(job: string, findings: readonly Finding[]): Promise<readonly HeldFinding[]>;
  /** Ends what holds of a cluster that is no longer watched. */
  forget(cluster: ClusterId): Promise<void>;
}

export function findingsIn(db: StateDatabase, clock: Clock): StoredFindings {
  const openOf = async (from: StateDatabase, job?: string): Promise<readonly HeldFinding[]> => {
    let query = from.selectFrom("findings").select("body").where("resolved_at", "is", null);
    if (job !== undefined) query = query.where("job", "=", job);
    return (await query.execute()).map(({ body }) => JSON.parse(body) as HeldFinding);
  };
  return {
    open: () => openOf(db),

    async replace(job, findings) {
      const now = clock.now();
      return db.transaction().execute(async (transaction) => {
        const before = new Map((await openOf(transaction, job)).map((held) => [held.id, held]));
        const held = heldNow(job, findings, before, now);
        const kept = new Set(held.map(({ id }) => id));
        const resolved = [...before.values()].filter(({ id }) => !kept.has(id)).map((gone) => resolve(gone, now));
        await save(transaction, [...held, ...resolved]);
        await note(transaction, [
          ...changesOf(held, before, now),
          ...resolved.map((gone) => changed(gone, "resolved", now)),
        ]);
        await prune(transaction, now - keepResolvedMs);
        return held;
      });
    },

    async forget(cluster) {
      const now = clock.now();
      const gone = (await openOf(db)).filter((held) => held.cluster === cluster).map((held) => resolve(held, now));
      if (gone.length === 0) return;
      await db.transaction().execute(async (transaction) => {
        await save(transaction, gone);
        await note(
          transaction,
          gone.map((held) => changed(held, "resolved", now)),
        );
      });
    },

    async list({ kinds, subject, sinceMs, limit }) {
      let query = db.selectFrom("findings").select("body");
      if (kinds !== undefined) query = query.where("kind", "in", [...kinds]);
      if (subject !== undefined) query = query.where("subject", "=", subject);
      if (sinceMs !== undefined) {
        query = query.where((where) =>
          where.or([where("resolved_at", "is", null), where("last_seen_at", ">=", sinceMs)]),
        );
      }
      const rows = await query.orderBy("last_seen_at", "desc").orderBy("id").limit(limit).execute();
      return rows.map(({ body }) => JSON.parse(body) as HeldFinding);
    },

    async find(id) {
      const row = await db.selectFrom("findings").select("body").where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : (JSON.parse(row.body) as HeldFinding);
    },

    async changes(id, limit) {
      const rows = await db
        .selectFrom("finding_changes")
        .select("body")
        .where("finding", "=", id)
        .orderBy("seq", "desc")
        .limit(limit)
        .execute();
      return rows.map(({ body }) => JSON.parse(body) as FindingChange);
    },
  };
}

/** The last of two with the same id wins: a job that says a thing twice has said it. */
function heldNow(
  job: string,
  findings: readonly Finding[],
  before: ReadonlyMap<string, HeldFinding>,
  now: number,
): readonly HeldFinding[] {
  const unique = new Map(findings.map((finding) => [findingId(finding), finding]));
  return [...unique].map(([id, finding]) => ({
    ...finding,
    id,
    job,
    firstSeenAt: before.get(id)?.firstSeenAt ?? now,
    lastSeenAt: now,
    resolvedAt: null,
  }));
}

const resolve = (held: HeldFinding, now: number): HeldFinding => ({ ...held, resolvedAt: now });

/** Numbers that move are no news; another severity is. */
const changesOf = (
  held: readonly HeldFinding[],
  before: ReadonlyMap<string, HeldFinding>,
  now: number,
): readonly FindingChange[] =>
  held.flatMap((finding) => {
    const known = before.get(finding.id);
    if (known === undefined) return [changed(finding, "opened", now)];
    return known.severity === finding.severity ? [] : [changed(finding, "changed", now)];
  });

const changed = (
  { id, severity, message }: HeldFinding,
  change: FindingChange["change"],
  at: number,
): FindingChange => ({ id, at, change, severity, message });

async function save(db: StateDatabase, findings: readonly HeldFinding[]): Promise<void> {
  for (const some of inGroups(findings, rowsPerStatement)) {
    const rows = some.map((finding) => ({
      id: finding.id,
      kind: finding.kind,
      job: finding.job,
      cluster: finding.cluster,
      subject: finding.subject,
      last_seen_at: finding.lastSeenAt,
      resolved_at: finding.resolvedAt,
      body: JSON.stringify(finding),
    }));
    await db
      .insertInto("findings")
      .values(rows)
      .onConflict((conflict) =>
        conflict.column("id").doUpdateSet((row) => ({
          job: row.ref("excluded.job"),
          last_seen_at: row.ref("excluded.last_seen_at"),
          resolved_at: row.ref("excluded.resolved_at"),
          body: row.ref("excluded.body"),
        })),
      )
      .execute();
  }
}

async function note(db: StateDatabase, changes: readonly FindingChange[]): Promise<void> {
  for (const some of inGroups(changes, rowsPerStatement)) {
    const rows = some.map((change) => ({ finding: change.id, at: change.at, body: JSON.stringify(change) }));
    await db.insertInto("finding_changes").values(rows).execute();
  }
}

async function prune(db: StateDatabase, before: number): Promise<void> {
  await db.deleteFrom("findings").where("resolved_at", "<", before).execute();
  const newest = await db
    .selectFrom("finding_changes")
    .select("seq")
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  if (newest === undefined) return;
  await db
    .deleteFrom("finding_changes")
    .where("seq", "<=", newest.seq - keepChanges)
    .execute();
}
