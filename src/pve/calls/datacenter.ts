// What is configured for the whole cluster: storages and pools.
import { flag, name, type Rows, rowsOf, words } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface StorageConfig {
  readonly storage: string;
  readonly type: string | undefined;
  readonly content: readonly string[];
  readonly shared: boolean;
  readonly disabled: boolean;
  /** Empty: all nodes. */
  readonly nodes: readonly string[];
}

export interface Pool {
  readonly pool: string;
  readonly comment: string | undefined;
}

export const readStorages = (data: unknown): Rows<StorageConfig> =>
  rowsOf(data, (row) => {
    const storage = name(row["storage"]);
    if (storage === undefined) return undefined;
    return {
      storage,
      type: name(row["type"]),
      content: words(row["content"]),
      shared: flag(row["shared"]) === true,
      disabled: flag(row["disable"]) === true,
      nodes: words(row["nodes"]),
    };
  });

export const readPools = (data: unknown): Rows<Pool> =>
  rowsOf(data, (row) => {
    const pool = name(row["poolid"]);
    return pool === undefined ? undefined : { pool, comment: name(row["comment"]) };
  });

/** The configuration, which never hangs on a dead storage (the nodes' own lists do). */
export const storages = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Rows<StorageConfig>>> =>
  pve.get({ ...options, path: "/storage", read: readStorages });

export const pools = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Rows<Pool>>> =>
  pve.get({ ...options, path: "/pools", read: readPools });
