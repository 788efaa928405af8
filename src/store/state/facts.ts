// Slow facts as they were last read, when each was asked for, and what has changed since; bounded by age and number.

import type { Clock } from "../../lib/clock.ts";
import { inGroups } from "../../lib/in-groups.ts";
import {
  type Fact,
  type FactChange,
  type FactFields,
  type FactHistory,
  type FactRead,
  factId,
  type HeldFact,
} from "../../model/facts.ts";
import type { FactKind } from "../../model/facts-catalogue.ts";
import { factCatalogue } from "../../model/facts-catalogue.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { StateDatabase } from "./schema.ts";

const keepChangesMs = 2 * 365 * 24 * 3_600_000;
const keepChanges = 100_000;
/** Nine columns each; below SQLite's and PostgreSQL's limits for parameters. */
const rowsPerStatement = 100;

/** A fact with who told it. */
export interface StoredFact extends HeldFact {
  readonly cluster: ClusterId;
  readonly reader: string;
  readonly about: string;
}

export interface FactsToSave {
  readonly upserts: readonly StoredFact[];
  readonly removed: readonly Pick<Fact, "kind" | "subject" | "key">[];
  readonly changes: readonly FactChange[];
  readonly reads: readonly (FactRead & { readonly cluster: ClusterId })[];
}

export interface StoredFacts extends FactHistory {
  load(cluster: ClusterId): Promise<{ readonly facts: readonly StoredFact[]; readonly reads: readonly FactRead[] }>;
  /** All or none. */
  save(wanted: FactsToSave): Promise<void>;
}

export function factsIn(db: StateDatabase, clock: Clock): StoredFacts {
  return {
    async load(cluster) {
      const reads = await db.selectFrom("fact_reads").selectAll().where("cluster", "=", cluster).execute();
      const readAt = new Map(reads.map(({ reader, about, at }) => [`${reader}\n${about}`, at]));
      const rows = await db.selectFrom("facts").selectAll().where("cluster", "=", cluster).orderBy("id").execute();
      // A kind that an earlier release told and this one does not know is passed over.
      const facts = rows
        .filter(({ kind }) => Object.hasOwn(factCatalogue, kind))
        .map((row): StoredFact => {
          const { subject, key, reader, about, changed_at: changedAt } = row;
          const fields = JSON.parse(row.fields) as FactFields;
          const at = readAt.get(`${reader}\n${about}`) ?? changedAt;
          return { cluster, kind: row.kind as FactKind, subject, key, reader, about, fields, changedAt, readAt: at };
        });
      return { facts, reads };
    },

    async save({ upserts, removed, changes, reads }) {
      await db.transaction().execute(async (transaction) => {
        await saveFacts(transaction, upserts);
        for (const part of inGroups(removed, rowsPerStatement)) {
          await transaction.deleteFrom("facts").where("id", "in", part.map(factId)).execute();
        }
        await saveReads(transaction, reads);
        for (const part of inGroups(changes, rowsPerStatement)) {
          const rows = part.map((change) => {
            const { kind, subject, key, at } = change;
            return { kind, subject, key, at, body: JSON.stringify(change) };
          });
          await transaction.insertInto("fact_changes").values(rows).execute();
        }
        if (changes.length > 0) await prune(transaction, clock.now() - keepChangesMs);
      });
    },

    async changes({ subject, kind, limit }) {
      let query = db.selectFrom("fact_changes").select("body");
      if (subject !== undefined) query = query.where("subject", "=", subject);
      if (kind !== undefined) query = query.where("kind", "=", kind);
      const rows = await query.orderBy("at", "desc").orderBy("seq", "desc").limit(limit).execute();
      return rows.map(({ body }) => JSON.parse(body) as FactChange);
    },
  };
}

async function saveFacts(db: StateDatabase, facts: readonly StoredFact[]): Promise<void> {
  // The last one wins, as it would one by one; a statement must not touch a row twice.
  const unique = [...new Map(facts.map((fact) => [factId(fact), fact])).entries()];
  for (const part of inGroups(unique, rowsPerStatement)) {
    const rows = part.map(([id, { cluster, kind, subject, key, reader, about, changedAt, fields }]) => {
      return { id, cluster, kind, subject, key, reader, about, changed_at: changedAt, fields: JSON.stringify(fields) };
    });
    await db
      .insertInto("facts")
      .values(rows)
      .onConflict((conflict) =>
        conflict.column("id").doUpdateSet((row) => ({
          reader: row.ref("excluded.reader"),
          about: row.ref("excluded.about"),
          changed_at: row.ref("excluded.changed_at"),
          fields: row.ref("excluded.fields"),
        })),
      )
      .execute();
  }
}

async function saveReads(db: StateDatabase, reads: FactsToSave["reads"]): Promise<void> {
  const unique = [...new Map(reads.map((read) => [`${read.reader}\n${read.about}`, read])).values()];
  for (const part of inGroups(unique, rowsPerStatement)) {
    await db
      .insertInto("fact_reads")
      .values(part.map(({ reader, about, cluster, at, failures }) => ({ reader, about, cluster, at, failures })))
      .onConflict((conflict) =>
        conflict.columns(["reader", "about"]).doUpdateSet((row) => ({
          at: row.ref("excluded.at"),
          failures: row.ref("excluded.failures"),
        })),
      )
      .execute();
  }
}

async function prune(db: StateDatabase, before: number): Promise<void> {
  await db.deleteFrom("fact_changes").where("at", "<", before).execute();
  const newest = await db.selectFrom("fact_changes").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst();
  if (newest !== undefined) {
    await db
      .deleteFrom("fact_changes")
      .where("seq", "<=", newest.seq - keepChanges)
      .execute();
  }
}
