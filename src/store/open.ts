// Starts the store in its own thread and gives the main thread its port.
import { MessageChannel, type MessagePort, type Worker } from "node:worker_threads";
import { StoreError } from "../lib/errors.ts";
import { type RpcClient, rpcClient } from "../lib/rpc.ts";
import { startWorker } from "../lib/worker.ts";
import type { Event } from "../model/event.ts";
import type { MetricsStore, StoreReader } from "../model/store.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { readingHalf, reviveStoreError, writingHalf } from "./client.ts";
import type { TableContent } from "./drivers/duckdb/backup.ts";
import type { ExportRequest } from "./export-request.ts";
import type { EntityTags } from "./sinks/tag-book.ts";
import { isStoreEvent, type StoreEvent } from "./store-events.ts";
import { engineOptions, type StoreOptions } from "./store-options.ts";

/** The store's own work; each answers with one sentence on what it did. Meant to be called by a schedule. */
export interface StoreJobs {
  /** Every 5 minutes: closed windows become 5-minute and hourly points. */
  rollup(nowMs: number): Promise<string>;
  /** Every quarter of an hour: the database file is made complete, and the journal forgets what is proven to be in it. */
  checkpoint(): Promise<string>;
  /** Every hour: closed stretches are laid down series by series, and days that are old enough become Parquet files. */
  tidy(nowMs: number): Promise<string>;
  /** Once a day: what is older than its tier is kept goes. */
  retention(nowMs: number): Promise<string>;
}

/** Taking data out of the store, while it runs. */
export interface StoreCopies {
  /** Writes points into a file; resolves to how many. */
  export(request: ExportRequest): Promise<number>;
  /** Copies database and Parquet files into a directory that exists, as they are at one moment. */
  backup(directory: string): Promise<readonly TableContent[]>;
}

/** What sinks get besides batches. */
export interface SinkFeed {
  /** Descriptions that their tags are made of; tell them when they change. */
  describe(entities: readonly EntityTags[]): Promise<void>;
  /** False when that sink takes no events. Throws what the sink throws; the same events may be given again. */
  writeEvents(sink: string, events: readonly Event[]): Promise<boolean>;
}

export interface StoreControl {
  readonly sinkFeed: SinkFeed;
  readonly jobs: StoreJobs;
  readonly copies: StoreCopies;
  /** A port for another thread, to be transferred there and given to `storeClient`. */
  port(): MessagePort;
}

/**
 * Opens the store, repairs what a crash left behind and resolves when it takes batches.
 * Throws a StoreError (directory or disk cannot be used; written by a newer release) or a LockedError.
 */
export async function openStore(options: StoreOptions): Promise<MetricsStore & StoreControl> {
  const worker = startWorker("./worker.ts", import.meta.url, { workerData: engineOptions(options), name: "store" });
  const rpc = rpcClient(worker, reviveStoreError);
  let closing = false;
  const said = new Set<string>();
  worker.on("message", (message: unknown) => {
    if (isStoreEvent(message)) passOn(message, options, said);
  });
  worker.on("error", (error) =>
    rpc.fail(new StoreError("The store's thread has failed; restart Pilothouse.", { cause: error })),
  );
  worker.on("exit", () => {
    rpc.fail(new StoreError(closing ? "The store is closed." : "The store's thread has ended; restart Pilothouse."));
  });
  try {
    await rpc.call("open", []);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    ...portOf(rpc, options.readFrom === undefined ? "duckdb" : "influx"),
    port: () => handOn(worker, rpc),
    close: async () => {
      if (closing) return;
      closing = true;
      await rpc.call("close", []);
      await worker.terminate();
    },
  };
}

const portOf = (rpc: RpcClient, reader: StoreReader): Omit<MetricsStore & StoreControl, "close" | "port"> => {
  const { append, marks } = writingHalf(rpc);
  return {
    capabilities: capabilitiesOf(reader),
    append,
    marks,
    ...readingHalf(rpc),
    stats: async () => rpc.call("stats", []),
    sinkFeed: {
      describe: async (entities) => rpc.call("describe", [entities]),
      writeEvents: async (sink, events) => rpc.call("writeEvents", [sink, events]),
    },
    copies: {
      export: async (request) => rpc.call("export", [request]),
      backup: async (directory) => rpc.call("backup", [directory]),
    },
    jobs: {
      rollup: async (nowMs) => rpc.call("rollup", [nowMs]),
      checkpoint: async () => rpc.call("checkpoint", []),
      tidy: async (nowMs) => rpc.call("tidy", [nowMs]),
      retention: async (nowMs) => rpc.call("retention", [nowMs]),
    },
  };
};

function handOn(worker: Worker, rpc: RpcClient): MessagePort {
  const { port1, port2 } = new MessageChannel();
  // A worker that has ended has failed every caller already; there is nobody left to tell.
  rpc.call("servePort", [port1], [port1]).catch(() => port1.close());
  worker.once("exit", () => port1.close());
  return port2;
}

/** A problem is logged when it begins: whoever has only the log must find the file that was put aside. */
function passOn(
  message: StoreEvent,
  { log, problems }: Pick<StoreOptions, "log" | "problems">,
  said: Set<string>,
): void {
  switch (message.event) {
    case "raise":
      problems.raise(message.problem);
      if (!said.has(keyOf(message.problem.code, message.problem.subject)))
        log.warn({ code: message.problem.code }, message.problem.message);
      said.add(keyOf(message.problem.code, message.problem.subject));
      return;
    case "clear":
      problems.clear(message.code, message.subject ?? "pilothouse");
      said.delete(keyOf(message.code, message.subject));
      return;
    case "log":
      log[message.level](message.data, message.message);
  }
}

const keyOf = (code: string, subject = "pilothouse"): string => `${code} ${subject}`;
