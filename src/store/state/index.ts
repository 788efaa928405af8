// The state database: users, sessions, tokens, setup links, what was last seen of the inventory, finished tasks, slow
// facts with their history, events, findings and documents of analysis.
export {
  type HeldDocument,
  type NewDocument,
  type PackedDocument,
  packDocument,
  type StoredDocuments,
  unpackDocument,
} from "./documents.ts";
export type { Entities } from "./entities.ts";
export type { StoredEvents } from "./events.ts";
export type { StoredFacts } from "./facts.ts";
export type { StoredFindings } from "./findings.ts";
export { openState, type State, type StateOptions } from "./open-state.ts";
export type { FinishedTasks } from "./tasks.ts";
