// What the application may choose about the store, and what holds when it does not.
import type { Log } from "../lib/log.ts";
import type { ProblemSink } from "../model/problem.ts";
import type { EngineOptions } from "./engine-parts.ts";
import { defaultRetention, type Retention } from "./retention.ts";
import { usualLimits } from "./sinks/delivery.ts";
import type { SinkSettings } from "./sinks/sink-kind.ts";

export interface StoreOptions {
  readonly dataDir: string;
  readonly log: Log;
  readonly problems: ProblemSink;
  /** Bounds DuckDB's buffers, for instance "128MB". */
  readonly memoryLimit?: string;
  readonly journalMaxBytes?: number;
  readonly retention?: Partial<Retention>;
  /** Sinks besides the embedded database. */
  readonly sinks?: readonly SinkSettings[];
  /** The sink that graphs are read from; the embedded database when left out. */
  readonly readFrom?: string;
}

const mebibyte = 2 ** 20;

export const engineOptions = (options: Omit<StoreOptions, "log" | "problems">): EngineOptions => ({
  dataDir: options.dataDir,
  memoryLimit: options.memoryLimit ?? "128MB",
  segmentBytes: 16 * mebibyte,
  journalMaxBytes: options.journalMaxBytes ?? 1024 * mebibyte,
  retention: { ...defaultRetention, ...options.retention },
  queryDeadlineMs: 20_000,
  applyRows: 10_000,
  applyMs: 300_000,
  sinks: options.sinks ?? [],
  readFrom: options.readFrom ?? null,
  delivery: usualLimits,
});
