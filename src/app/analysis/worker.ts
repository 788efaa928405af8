// The analysis thread: runs jobs and answers questions, so that neither polls nor clicks ever wait for arithmetic.
import { availableParallelism } from "node:os";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { type AnalysisContext, jobs, questions } from "../../analyse/index.ts";
import { NotFoundError } from "../../lib/errors.ts";
import { rpcClient, serveRpc } from "../../lib/rpc.ts";
import { uniqueId } from "../../lib/unique-id.ts";
import type { AnalysisSettings } from "../../model/analysis-settings.ts";
import { blocksFromRows, type Row } from "../../model/batch.ts";
import { parseEntityId } from "../../model/ids.ts";
import { packDocument, storeClient, unpackDocument } from "../../store/index.ts";
import type { AnalysisRecords, AnalysisThread, RanJob } from "./messages.ts";
import { Snapshot } from "./snapshot.ts";

export interface AnalysisWorkerData {
  readonly storePort: MessagePort;
  readonly settings: AnalysisSettings;
}

const main = parentPort;
if (main === null) throw new TypeError("this module runs in a worker thread");

const { storePort, settings: firstSettings } = workerData as AnalysisWorkerData;
const store = storeClient(storePort);
const rpc = rpcClient(main);
const ask = <Name extends keyof AnalysisRecords>(
  name: Name,
  ...args: Parameters<AnalysisRecords[Name]>
): ReturnType<AnalysisRecords[Name]> => rpc.call(name, args) as ReturnType<AnalysisRecords[Name]>;

let settings = firstSettings;
let snapshot = new Snapshot();
let coming = new Snapshot();

const context = (nowMs: number): AnalysisContext => ({
  nowMs,
  fleet: snapshot,
  importing: snapshot.importing,
  facts: snapshot.facts,
  settings,
  store,
  events: { query: (query) => ask("events", query) },
  history: { changes: (filter) => ask("factChanges", filter) },
  findings: {
    list: (query) => ask("findings", query),
    find: (id) => ask("finding", id),
    changes: (id, limit) => ask("findingChanges", id, limit),
  },
  documents: { list: async (query) => Promise.all((await ask("documents", query)).map(unpackDocument)) },
  threads: Math.max(1, Math.min(2, availableParallelism())),
});

async function run(id: string, nowMs: number): Promise<RanJob> {
  const job = jobs.find((each) => each.id === id);
  if (job === undefined) throw new NotFoundError(`There is no job ${id}.`);
  const progress = (done: number, total: number): void => void ask("progress", id, done, total);
  const { rows = [], documents = [], ...outcome } = await job.run({ ...context(nowMs), progress });
  await keep(rows, nowMs);
  return { ...outcome, documents: documents.map(packDocument) };
}

/** A batch is of one cluster. */
async function keep(rows: readonly Row[], nowMs: number): Promise<void> {
  const byCluster = new Map<string, Row[]>();
  for (const row of rows) {
    const cluster = parseEntityId(row.id)?.cluster ?? "";
    const some = byCluster.get(cluster);
    if (some === undefined) byCluster.set(cluster, [row]);
    else some.push(row);
  }
  for (const [cluster, some] of byCluster) {
    const blocks = blocksFromRows((id) => parseEntityId(id)?.kind ?? "scope", some);
    await store.append({ batchId: uniqueId(nowMs), cluster, source: "analysis", blocks, marks: {} });
  }
}

serveRpc(main, {
  take: (part) => {
    if (part.isFirst) coming = new Snapshot();
    coming.add(part);
    if (part.isLast) snapshot = coming;
    return Promise.resolve();
  },
  configure: (changed) => {
    settings = changed;
    return Promise.resolve();
  },
  run,
  ask: async (id, nowMs, input) => {
    const question = questions.find((each) => each.id === id);
    if (question === undefined) throw new NotFoundError(`There is no question ${id}.`);
    return question.answer(context(nowMs), input);
  },
} satisfies AnalysisThread);
