// Starts and stops the collector from the main thread.
import type { MessagePort } from "node:worker_threads";
import type { Log } from "../lib/log.ts";
import { startWorker } from "../lib/worker.ts";
import type { Batch } from "../model/batch.ts";
import { decodeBatch } from "../model/batch-codec.ts";
import type { CollectorEvent } from "../model/collector.ts";
import type { ClusterId } from "../model/ids.ts";
import type { PushAnswer, PushRequest } from "../model/push.ts";
import type {
  BareAccess,
  ClusterStart,
  CollectorCommand,
  CollectorMessage,
  CollectorStart,
  KnownBefore,
} from "./messages.ts";
import { PendingPushes } from "./push/pending-pushes.ts";

export type { BareAccess, ClusterStart, KnownBefore } from "./messages.ts";
export { markKey } from "./node-intake.ts";
export { pushMark } from "./push/push-intake.ts";
export type { PushedMomentsOf } from "./push/pushed-moments.ts";

export interface CollectorOptions extends CollectorStart {
  /** Where batches go; see storeClient. It is moved to the collector's thread. */
  readonly storePort: MessagePort;
  readonly log: Log;
  /** The newest row of every thing that a poll brought; the store has all of them. */
  readonly onBatch: (batch: Batch) => void;
  readonly onEvent: (event: CollectorEvent) => void;
  /** The thread ended although nobody stopped it. */
  readonly onCrash: (error: Error) => void;
}

export interface RunningCollector {
  /** Begins to poll one more cluster; `before` is of this cluster alone. */
  startCluster(start: ClusterStart, before: KnownBefore): void;
  /** Ends one cluster; resolves when everything of it has come, or at once when there is none of this id. */
  stopCluster(cluster: ClusterId): Promise<void>;
  /** Lets a running cluster sign in in another way; no poll is lost. */
  signInWith(cluster: ClusterId, access: BareAccess): void;
  /** Takes in what nodes push. The body is moved away and must not be used again. */
  push(request: PushRequest): Promise<PushAnswer>;
  /** Ends the polls, and resolves when everything on its way to the store has arrived, or after 5 s. */
  stop(): Promise<void>;
}

const stopWithinMs = 5_000;
/** Above so many things an answer makes more objects than the usual space for young ones holds, and moving them costs. */
const largeFleet = 2_000;
const resourceLimits = { maxYoungGenerationSizeMb: 32 };

export function startCollector({
  clusters,
  known,
  facts,
  factReads,
  pushed,
  storePort,
  log,
  onBatch,
  onEvent,
  onCrash,
}: CollectorOptions): RunningCollector {
  const worker = startWorker("./worker.ts", import.meta.url, {
    workerData: { clusters, known, facts, factReads, pushed, storePort },
    transferList: [storePort],
    ...(known.length > largeFleet ? { resourceLimits } : {}),
  });
  let stopping = false;
  const told = new Map<ClusterId, () => void>();
  const pushes = new PendingPushes();
  const tell = (command: CollectorCommand | "end"): void => worker.postMessage(command);
  const ended = new Promise<void>((resolve) => {
    worker.on("message", (message: CollectorMessage) => {
      if (message.type === "batch") onBatch(decodeBatch(message.buffer));
      else if (message.type === "event") onEvent(message.event);
      else if (message.type === "log") log[message.level](message.data, message.message);
      else if (message.type === "cluster-stopped") told.get(message.cluster)?.();
      else if (message.type === "pushed") pushes.answered(message.number, message.answer);
      else resolve();
    });
    worker.on("error", (error: Error) => {
      if (!stopping) onCrash(error);
      resolve();
    });
    worker.on("exit", () => {
      pushes.end();
      resolve();
    });
  });
  return {
    startCluster: (start, before) => tell({ type: "start", start, before }),
    stopCluster: (cluster) => {
      const stopped = new Promise<void>((resolve) => told.set(cluster, resolve));
      tell({ type: "stop", cluster });
      return Promise.race([stopped, ended]);
    },
    signInWith: (cluster, access) => tell({ type: "access", cluster, access }),
    push: (request) =>
      pushes.ask((number) =>
        worker.postMessage({ type: "push", number, request } satisfies CollectorCommand, [request.body]),
      ),
    stop: async () => {
      stopping = true;
      tell("end");
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, stopWithinMs).unref())]);
      await worker.terminate();
    },
  };
}
