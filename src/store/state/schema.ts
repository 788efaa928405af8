// The tables of the state database, as Kysely sees them. Times are milliseconds since the epoch, booleans do not occur,
// lists and nested things are JSON text: kept to what SQLite and PostgreSQL both hold.
import type { Generated, Kysely } from "kysely";

interface UsersTable {
  id: string;
  name: string;
  /** The name in lower case; unique. */
  name_key: string;
  password_hash: string;
  role: string;
  scope: string;
  created_at: number;
  last_login_at: number | null;
}

interface SessionsTable {
  id: string;
  secret_hash: string;
  user_id: string;
  created_at: number;
  last_used_at: number;
  expires_at: number;
}

interface ApiTokensTable {
  id: string;
  secret_hash: string;
  name: string;
  role: string;
  scope: string;
  created_by: string | null;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

interface SetupLinksTable {
  secret_hash: string;
  expires_at: number;
}

interface EntitiesTable {
  id: string;
  cluster: string;
  kind: string;
  gone_at: number | null;
  body: string;
}

interface TasksTable {
  upid: string;
  cluster: string;
  started_at: number;
  ended_at: number;
  body: string;
}

interface FactsTable {
  /** Kind, subject and key; see factId. */
  id: string;
  cluster: string;
  kind: string;
  subject: string;
  key: string;
  reader: string;
  about: string;
  changed_at: number;
  fields: string;
}

interface FactReadsTable {
  reader: string;
  about: string;
  cluster: string;
  at: number;
  failures: number;
}

interface FactChangesTable {
  seq: Generated<number>;
  kind: string;
  subject: string;
  key: string;
  at: number;
  body: string;
}

interface EventsTable {
  seq: Generated<number>;
  event_key: string;
  at: number;
  cluster: string;
  topic: string;
  subject: string;
  node: string | null;
  body: string;
}

interface FindingsTable {
  /** Kind, subject and key; see findingId. */
  id: string;
  kind: string;
  job: string;
  cluster: string;
  subject: string;
  last_seen_at: number;
  resolved_at: number | null;
  body: string;
}

interface FindingChangesTable {
  seq: Generated<number>;
  finding: string;
  at: number;
  body: string;
}

interface DocumentsTable {
  name: string;
  /** Empty for the whole fleet. */
  cluster: string;
  key: string;
  at: number;
  /** JSON, deflated. */
  body: Uint8Array;
}

export interface StateTables {
  schema_version: { version: number };
  users: UsersTable;
  sessions: SessionsTable;
  api_tokens: ApiTokensTable;
  setup_links: SetupLinksTable;
  entities: EntitiesTable;
  tasks: TasksTable;
  facts: FactsTable;
  fact_reads: FactReadsTable;
  fact_changes: FactChangesTable;
  events: EventsTable;
  findings: FindingsTable;
  finding_changes: FindingChangesTable;
  documents: DocumentsTable;
}

export type StateDatabase = Kysely<StateTables>;
