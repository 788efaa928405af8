// Brings the state database to the schema of this release, one numbered step at a time. Steps are append only: what a
// release has shipped is never edited.
import type { Kysely } from "kysely";
import { StoreError } from "../../lib/errors.ts";
import type { StateDatabase, StateTables } from "./schema.ts";

type Migration = (db: Kysely<StateTables>) => Promise<void>;

const migrations: readonly Migration[] = [accounts, inventory, facts, analysis];

/** The schema that this release writes. */
export const schemaVersion = migrations.length;

/** Throws a StoreError when a newer release has written the database; it is then left as it was. */
export async function migrate(db: StateDatabase, path: string): Promise<void> {
  await db.schema
    .createTable("schema_version")
    .ifNotExists()
    .addColumn("version", "integer", (column) => column.notNull())
    .execute();
  const held = await db.selectFrom("schema_version").select("version").executeTakeFirst();
  const from = held?.version ?? 0;
  if (from > schemaVersion) throw newerRelease(path, from);
  if (held === undefined) await db.insertInto("schema_version").values({ version: 0 }).execute();
  for (const [index, migration] of migrations.entries()) {
    if (index < from) continue;
    await db.transaction().execute(async (transaction) => {
      await migration(transaction);
      await transaction
        .updateTable("schema_version")
        .set({ version: index + 1 })
        .execute();
    });
  }
}

function newerRelease(path: string, version: number): StoreError {
  return new StoreError(
    `The state database ${path} was written by a newer release (schema ${version}, this one reads ${schemaVersion}); install that release or restore a backup from before the upgrade.`,
  );
}

async function accounts(db: Kysely<StateTables>): Promise<void> {
  await db.schema
    .createTable("users")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("name_key", "text", (column) => column.notNull().unique())
    .addColumn("password_hash", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_login_at", "bigint")
    .execute();
  await db.schema
    .createTable("sessions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("secret_hash", "text", (column) => column.notNull().unique())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("api_tokens")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("secret_hash", "text", (column) => column.notNull().unique())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("created_by", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint")
    .addColumn("last_used_at", "bigint")
    .addColumn("revoked_at", "bigint")
    .execute();
  await db.schema
    .createTable("setup_links")
    .addColumn("secret_hash", "text", (column) => column.primaryKey())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
}

async function inventory(db: Kysely<StateTables>): Promise<void> {
  await db.schema
    .createTable("entities")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("cluster", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("gone_at", "bigint")
    .addColumn("body", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("entities_by_cluster").on("entities").column("cluster").execute();
  await db.schema
    .createTable("tasks")
    .addColumn("upid", "text", (column) => column.primaryKey())
    .addColumn("cluster", "text", (column) => column.notNull())
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("ended_at", "bigint", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("tasks_by_end").on("tasks").column("ended_at").execute();
}

async function facts(db: Kysely<StateTables>): Promise<void> {
  await db.schema
    .createTable("facts")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("cluster", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("reader", "text", (column) => column.notNull())
    .addColumn("about", "text", (column) => column.notNull())
    .addColumn("changed_at", "bigint", (column) => column.notNull())
    .addColumn("fields", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("facts_by_cluster").on("facts").column("cluster").execute();
  await db.schema
    .createTable("fact_reads")
    .addColumn("reader", "text", (column) => column.notNull())
    .addColumn("about", "text", (column) => column.notNull())
    .addColumn("cluster", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("failures", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("fact_reads_key", ["reader", "about"])
    .execute();
  await db.schema
    .createTable("fact_changes")
    .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("fact_changes_by_subject").on("fact_changes").columns(["subject", "at"]).execute();
  await db.schema.createIndex("fact_changes_by_time").on("fact_changes").column("at").execute();
  await db.schema
    .createTable("events")
    .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("event_key", "text", (column) => column.notNull().unique())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("cluster", "text", (column) => column.notNull())
    .addColumn("topic", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("node", "text")
    .addColumn("body", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("events_by_time").on("events").column("at").execute();
  await db.schema.createIndex("events_by_subject").on("events").columns(["subject", "at"]).execute();
}

async function analysis(db: Kysely<StateTables>): Promise<void> {
  await db.schema
    .createTable("findings")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("job", "text", (column) => column.notNull())
    .addColumn("cluster", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("last_seen_at", "bigint", (column) => column.notNull())
    .addColumn("resolved_at", "bigint")
    .addColumn("body", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("findings_by_end").on("findings").columns(["resolved_at", "job"]).execute();
  await db.schema.createIndex("findings_by_subject").on("findings").column("subject").execute();
  await db.schema
    .createTable("finding_changes")
    .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("finding", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("finding_changes_by_finding").on("finding_changes").column("finding").execute();
  await db.schema
    .createTable("documents")
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("cluster", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("at", "bigint", (column) => column.notNull())
    .addColumn("body", "blob", (column) => column.notNull())
    .addPrimaryKeyConstraint("documents_key", ["name", "cluster", "key"])
    .execute();
}
