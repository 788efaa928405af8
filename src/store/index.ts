// What the application needs of the metrics store.
export { restoreBackup } from "./backup/restore.ts";
export { writeBackup } from "./backup/write-backup.ts";
export { reviveStoreError, type StoreClient, storeClient } from "./client.ts";
export type { InfluxOptions } from "./drivers/influx/influx-options.ts";
export { PveBucket, type PveBucketRow } from "./drivers/influx/pve-bucket.ts";
export { lookAtInflux } from "./drivers/influx/sink-look.ts";
export { MemoryStore } from "./drivers/memory/memory-store.ts";
export type { ExportFormat, ExportRequest } from "./export-request.ts";
export { type DataDirLock, lockDataDir } from "./lock.ts";
export { openStore, type SinkFeed, type StoreControl, type StoreCopies, type StoreJobs } from "./open.ts";
export type { Retention } from "./retention.ts";
export {
  type HeldDocument,
  openState,
  type PackedDocument,
  packDocument,
  type State,
  unpackDocument,
} from "./state/index.ts";
export type { StoreOptions } from "./store-options.ts";
