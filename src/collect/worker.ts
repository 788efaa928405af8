// The collector's thread: fetches, inflates, parses and normalises, so that a large answer never keeps a click waiting.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../lib/clock.ts";
import { freeBuffers } from "../lib/free-buffer.ts";
import { rpcClient } from "../lib/rpc.ts";
import { uniqueId } from "../lib/unique-id.ts";
import type { Batch } from "../model/batch.ts";
import { encodeBatch } from "../model/batch-codec.ts";
import { onlyNewest } from "../model/newest-rows.ts";
import type { PushAnswer, PushRequest } from "../model/push.ts";
import { PveCluster } from "../pve/index.ts";
import { ClusterPoller } from "./cluster-poller.ts";
import { ClusterRuns, type RunRequest, wayOf } from "./cluster-runs.ts";
import { FactRunner } from "./facts/runner.ts";
import type { CollectorCommand, CollectorMessage, CollectorStart } from "./messages.ts";
import { portLog } from "./port-log.ts";

const { clusters, known, facts, factReads, pushed, storePort } = workerData as CollectorStart & {
  storePort: MessagePort;
};
const main = parentPort;
if (main === null) throw new Error("the collector runs as a worker thread");

const store = rpcClient(storePort);
const log = portLog((message) => send(message));

function send(message: CollectorMessage, transfer: ArrayBuffer[] = []): void {
  main?.postMessage(message, transfer);
}

async function runCluster({ start, before, signal, opened, takesPushes }: RunRequest): Promise<void> {
  const { cluster, endpoints, access, trust, limits, agent } = start;
  const clusterLog = log.child({ cluster: cluster.id });
  const pve = new PveCluster({
    cluster: cluster.id,
    endpoints,
    ...wayOf(access),
    trust,
    limits,
    clock: systemClock,
    log: clusterLog,
  });
  opened(pve);
  const append = async (buffer: ArrayBuffer): Promise<void> => store.call("append", [buffer], [buffer]);
  const common = {
    pve,
    clock: systemClock,
    log: clusterLog,
    known: before.known,
    newBatchId: () => uniqueId(systemClock.now()),
    append: (batch: Batch) => append(encodeBatch(batch)),
  };
  const slowFacts = new FactRunner({
    ...common,
    cluster: cluster.id,
    settings: facts,
    agent,
    reads: before.factReads,
    event: (event) => send({ type: "event", event }),
  });
  const poller = new ClusterPoller({
    ...common,
    cluster,
    marks: await store.call<Record<string, number>>("marks", [cluster.id]),
    pushed: before.pushed,
    publish: (batch) => {
      const newest = encodeBatch(onlyNewest(batch));
      send({ type: "batch", buffer: newest }, [newest]);
      const encoded = encodeBatch(batch);
      for (const { ts, columns } of batch.blocks) freeBuffers(ts, ...Object.values(columns));
      return append(encoded);
    },
    event: (event) => {
      slowFacts.take(event);
      send({ type: "event", event });
    },
  });
  takesPushes((request) => poller.push(request));
  await Promise.all([poller.run(signal), slowFacts.run(signal)]);
  await pve.close();
}

const runs = new ClusterRuns(runCluster, (cluster) => send({ type: "cluster-stopped", cluster }), log);
for (const start of clusters) {
  const { id } = start.cluster;
  runs.start(start, {
    known: known.filter((entity) => entity.cluster === id),
    factReads: factReads.filter(({ about }) => about.startsWith(`${id}/`)),
    pushed: pushed.filter((moments) => moments.id.startsWith(`${id}/`)),
  });
}
async function takePush(number: number, request: PushRequest): Promise<void> {
  const failed = (error: unknown): PushAnswer => {
    log.error({ err: error, cluster: request.cluster }, "a push could not be taken in");
    return { outcome: "not-ready", sentence: "The push could not be taken in; the log says why.", refused: 0 };
  };
  const answer = await runs.push(request).catch(failed);
  send({ type: "pushed", number, answer });
}

main.on("message", (command: CollectorCommand | "end") => {
  if (command !== "end") {
    if (command.type === "push") void takePush(command.number, command.request);
    else runs.take(command);
    return;
  }
  void runs.end().then(() => {
    send({ type: "stopped" });
    main.unref();
    storePort.close();
  });
});
