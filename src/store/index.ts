// What the application needs of the metrics store.
export { type StoreClient, storeClient } from "./client.ts";
export { MemoryStore } from "./drivers/memory/memory-store.ts";
export { type DataDirLock, lockDataDir } from "./lock.ts";
export { openStore, type StoreControl, type StoreJobs } from "./open.ts";
export type { Retention } from "./retention.ts";
export { openState, type State } from "./state/index.ts";
export type { StoreOptions } from "./store-options.ts";
