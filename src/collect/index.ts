// Starts and stops the collector from the main thread.
import type { MessagePort } from "node:worker_threads";
import type { Log } from "../lib/log.ts";
import { startWorker } from "../lib/worker.ts";
import type { Batch } from "../model/batch.ts";
import { decodeBatch } from "../model/batch-codec.ts";
import type { CollectorEvent } from "../model/collector.ts";
import type { CollectorMessage, CollectorStart } from "./messages.ts";

export type { ClusterStart } from "./messages.ts";

export interface CollectorOptions extends CollectorStart {
  /** Where batches go; see storeClient. It is moved to the collector's thread. */
  readonly storePort: MessagePort;
  readonly log: Log;
  readonly onBatch: (batch: Batch) => void;
  readonly onEvent: (event: CollectorEvent) => void;
  /** The thread ended although nobody stopped it. */
  readonly onCrash: (error: Error) => void;
}

export interface RunningCollector {
  /** Ends the polls, and resolves when everything on its way to the store has arrived, or after 5 s. */
  stop(): Promise<void>;
}

const stopWithinMs = 5_000;

export function startCollector({
  clusters,
  known,
  facts,
  factReads,
  storePort,
  log,
  onBatch,
  onEvent,
  onCrash,
}: CollectorOptions): RunningCollector {
  const worker = startWorker("./worker.ts", import.meta.url, {
    workerData: { clusters, known, facts, factReads, storePort },
    transferList: [storePort],
  });
  let stopping = false;
  const ended = new Promise<void>((resolve) => {
    worker.on("message", (message: CollectorMessage) => {
      if (message.type === "batch") onBatch(decodeBatch(message.buffer));
      else if (message.type === "event") onEvent(message.event);
      else if (message.type === "log") log[message.level](message.data, message.message);
      else resolve();
    });
    worker.on("error", (error: Error) => {
      if (!stopping) onCrash(error);
      resolve();
    });
    worker.on("exit", () => resolve());
  });
  return {
    stop: async () => {
      stopping = true;
      worker.postMessage("stop");
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, stopWithinMs).unref())]);
      await worker.terminate();
    },
  };
}
