// The state database: users, sessions, tokens, setup links, what was last seen of the inventory, finished tasks.
export type { Entities } from "./entities.ts";
export { openState, type State, type StateOptions } from "./open-state.ts";
export type { FinishedTasks } from "./tasks.ts";
