// Opens the state database: one SQLite file for everything that is not a metric.
import { chmodSync, closeSync, openSync } from "node:fs";
import { Kysely, SqliteDialect } from "kysely";
import Database from "libsql";
import type { Clock } from "../../lib/clock.ts";
import { StoreError } from "../../lib/errors.ts";
import type { ApiTokens, Sessions, SetupLinks, Users } from "../../model/accounts.ts";
import { documentsIn, type StoredDocuments } from "./documents.ts";
import { type Entities, entitiesIn } from "./entities.ts";
import { eventsIn, type StoredEvents } from "./events.ts";
import { factsIn, type StoredFacts } from "./facts.ts";
import { findingsIn, type StoredFindings } from "./findings.ts";
import { migrate } from "./migrations.ts";
import type { StateTables } from "./schema.ts";
import { type RandomBytes, systemRandom } from "./secrets.ts";
import { sessionsIn } from "./sessions.ts";
import { setupLinksIn } from "./setup-links.ts";
import { type FinishedTasks, finishedTasksIn, type TaskBounds } from "./tasks.ts";
import { tokensIn } from "./tokens.ts";
import { usersIn } from "./users.ts";

export interface State {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: ApiTokens;
  readonly setupLinks: SetupLinks;
  readonly entities: Entities;
  readonly tasks: FinishedTasks;
  readonly facts: StoredFacts;
  readonly events: StoredEvents;
  readonly findings: StoredFindings;
  readonly documents: StoredDocuments;
  close(): Promise<void>;
}

export interface StateOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly random?: RandomBytes;
  readonly taskBounds?: TaskBounds;
}

/**
 * The folder must exist. The file is made with mode 0600: it holds password hashes and who may sign in.
 * Throws a StoreError with one sentence when the file is damaged, not a database, not writable or of a newer release.
 */
export async function openState({ path, clock, random = systemRandom, taskBounds }: StateOptions): Promise<State> {
  const file = openFile(path);
  const db = new Kysely<StateTables>({ dialect: new SqliteDialect({ database: file }) });
  try {
    await migrate(db, path);
  } catch (error) {
    file.close();
    throw error instanceof StoreError ? error : unusable(path, error);
  }
  return {
    users: usersIn(db, clock, random),
    sessions: sessionsIn(db, clock, random),
    tokens: tokensIn(db, clock, random),
    setupLinks: setupLinksIn(db, clock, random),
    entities: entitiesIn(db),
    tasks: finishedTasksIn(db, clock, taskBounds),
    facts: factsIn(db, clock),
    events: eventsIn(db, clock),
    findings: findingsIn(db, clock),
    documents: documentsIn(db, clock),
    close: async () => {
      // libsql leaves the log behind at close; a copy of the one file must hold everything.
      file.exec("pragma wal_checkpoint(truncate)");
      await db.destroy();
    },
  };
}

function openFile(path: string): Database.Database {
  let file: Database.Database | undefined;
  try {
    // Made here first, so that no moment exists in which others could read it.
    closeSync(openSync(path, "a", 0o600));
    chmodSync(path, 0o600);
    file = new Database(path);
    const [check] = file.prepare("pragma quick_check").all() as { quick_check: string }[];
    if (check?.quick_check !== "ok") throw new Error(check?.quick_check ?? "no answer to quick_check");
    file.exec("pragma journal_mode = wal; pragma synchronous = full; pragma busy_timeout = 5000");
    return file;
  } catch (error) {
    file?.close();
    throw unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): StoreError {
  const code = (cause as { code?: unknown }).code;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || code === "ENOENT" || code === "EISDIR") {
    return new StoreError(`The state database ${path} cannot be opened (${code}); check the folder and its owner.`, {
      cause,
    });
  }
  return new StoreError(
    `The state database ${path} is damaged or cannot be read; restore it from a backup, or move it away to begin with an empty one (users and tokens have to be made again).`,
    { cause },
  );
}
