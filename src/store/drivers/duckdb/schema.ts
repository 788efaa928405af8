// The tables. Structure changes by numbered migrations; the columns of metrics follow the catalogue by themselves.
import type { DuckDBConnection } from "@duckdb/node-api";
import { StoreError } from "../../../lib/errors.ts";
import { type EntityKind, entityKinds } from "../../../model/ids.ts";
import { metricsByKind } from "../../../model/metrics.ts";
import { type Tier, tiers } from "../../../model/store.ts";
import { sketchWindowMs } from "../../tiers.ts";

/**
 * What each release added. A migration that was ever released is never edited; add another one.
 * There is no UNIQUE or PRIMARY KEY anywhere: an index costs every append and has been a source of damage after crashes.
 */
const migrations: readonly (readonly string[])[] = [
  [
    "CREATE TABLE series (sid INTEGER, id VARCHAR, kind VARCHAR, cluster VARCHAR, first_seen BIGINT, last_seen BIGINT)",
    "CREATE TABLE node_name (node INTEGER, name VARCHAR)",
    "CREATE TABLE mark (cluster VARCHAR, key VARCHAR, value DOUBLE, seq BIGINT)",
    "CREATE TABLE journal_cursor (seq BIGINT)",
    "INSERT INTO journal_cursor VALUES (0)",
    "CREATE TABLE applied_batch (batch_id VARCHAR, seq BIGINT)",
    "CREATE TABLE dirty_window (kind VARCHAR, tier VARCHAR, begin_ms BIGINT)",
  ],
  [
    "CREATE TABLE sketch (kind VARCHAR, metric VARCHAR, begin_ms BIGINT, width_ms BIGINT, data BLOB)",
    "CREATE TABLE segment (kind VARCHAR, day_ms BIGINT, file VARCHAR, rows BIGINT, bytes BIGINT)",
    "CREATE TABLE sorted_until (kind VARCHAR, until_ms BIGINT)",
  ],
];
/** The first release with sketches; what an older database holds gets its own. */
const sketchesSince = 2;

const fixedColumns: Readonly<Record<"raw" | "rollup", string>> = {
  raw: "ts BIGINT, sid INTEGER, step_s INTEGER, origin UTINYINT, node INTEGER",
  rollup: "ts BIGINT, sid INTEGER, step_s INTEGER, origin UTINYINT, derived UTINYINT, n DOUBLE",
};

export const tableOf = (kind: EntityKind, tier: Tier): string => `${kind}_${tier}`;

/** The metrics of a kind that are rolled up: a counter says nothing once its rate is kept. */
export const rolledMetrics = (kind: EntityKind): string[] =>
  metricsByKind[kind].filter((metric) => metric.type !== "counter").map((metric) => metric.id);

export function metricColumns(kind: EntityKind, tier: Tier): string[] {
  if (tier === "raw") return metricsByKind[kind].map((metric) => metric.id);
  return rolledMetrics(kind).flatMap((id) => [`${id}_avg`, `${id}_min`, `${id}_max`, `${id}_last`]);
}

/** Brings a new or older database to this release; refuses one that a newer release has written. */
export async function migrate(connection: DuckDBConnection, path: string): Promise<void> {
  const version = await schemaVersion(connection);
  if (version > migrations.length) {
    throw new StoreError(
      `The database ${path} was written by a newer Pilothouse (schema ${version}, this release knows ${migrations.length}): install that release again, or choose another --data-dir.`,
    );
  }
  let changed = false;
  for (const [index, statements] of migrations.entries()) {
    if (index < version) continue;
    await runMigration(connection, index + 1, statements);
    changed = true;
  }
  if (await followCatalogue(connection)) changed = true;
  if (version > 0 && version < sketchesSince) await sketchWhatIsThere(connection);
  if (changed) await connection.run("CHECKPOINT");
}

async function schemaVersion(connection: DuckDBConnection): Promise<number> {
  await connection.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER)");
  const rows = await connection.runAndReadAll("SELECT max(version) FROM schema_version");
  return Number(rows.getRows()[0]?.[0] ?? 0);
}

async function runMigration(
  connection: DuckDBConnection,
  version: number,
  statements: readonly string[],
): Promise<void> {
  await connection.run("BEGIN");
  for (const statement of statements) await connection.run(statement);
  await connection.run("INSERT INTO schema_version VALUES ($1)", [version]);
  await connection.run("COMMIT");
}

async function sketchWhatIsThere(connection: DuckDBConnection): Promise<void> {
  for (const kind of entityKinds) {
    await connection.run(
      `INSERT INTO dirty_window SELECT DISTINCT '${kind}', 'sketch', ts - ts % ${sketchWindowMs} FROM "${tableOf(kind, "raw")}"`,
    );
  }
}

async function followCatalogue(connection: DuckDBConnection): Promise<boolean> {
  let changed = false;
  for (const kind of entityKinds) {
    for (const tier of tiers) {
      const table = tableOf(kind, tier);
      const present = new Set((await columnsOf(connection, table)).map(({ name }) => name));
      const missing = metricColumns(kind, tier).filter((column) => !present.has(column));
      if (present.size === 0) await createTable(connection, table, tier, missing);
      else for (const column of missing) await connection.run(`ALTER TABLE "${table}" ADD COLUMN "${column}" DOUBLE`);
      changed ||= missing.length > 0;
    }
  }
  return changed;
}

async function createTable(
  connection: DuckDBConnection,
  table: string,
  tier: Tier,
  metrics: readonly string[],
): Promise<void> {
  const fixed = fixedColumns[tier === "raw" ? "raw" : "rollup"];
  await connection.run(`CREATE TABLE "${table}" (${fixed}, ${metrics.map((id) => `"${id}" DOUBLE`).join(", ")})`);
}

export interface Column {
  readonly name: string;
  readonly type: string;
}

/** The columns in the order of the table, which is not the catalogue's once columns were added. */
export async function columnsOf(connection: DuckDBConnection, table: string): Promise<Column[]> {
  const rows = await connection.runAndReadAll(
    "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = $1 ORDER BY column_index",
    [table],
  );
  return rows.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
}
