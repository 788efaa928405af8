// The state database: users, sessions, tokens, setup links, what was last seen of the inventory, finished tasks, slow
// facts with their history, events.
export type { Entities } from "./entities.ts";
export type { StoredEvents } from "./events.ts";
export type { StoredFacts } from "./facts.ts";
export { openState, type State, type StateOptions } from "./open-state.ts";
export type { FinishedTasks } from "./tasks.ts";
