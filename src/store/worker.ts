// The store's thread: serves the main thread, and every port that it hands on (to the collector, to analysis).
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../lib/clock.ts";
import { serveRpc, withTransfer } from "../lib/rpc.ts";
import type { Event } from "../model/event.ts";
import type { EntityKind } from "../model/ids.ts";
import type { LatestValue, QuantilesQuery, RangeQuery, TotalsQuery, TrendQuery } from "../model/store.ts";
import { StoreEngine } from "./engine.ts";
import type { EngineOptions } from "./engine-parts.ts";
import type { ExportRequest } from "./export-request.ts";
import { buffersOf, type PackedResult } from "./frames.ts";
import type { EntityTags } from "./sinks/tag-book.ts";
import type { StoreEvent } from "./store-events.ts";

const main = parentPort;
if (main === null) throw new TypeError("this module runs in a worker thread");

const tell = (event: StoreEvent): void => main.postMessage(event);
const opening = StoreEngine.open(workerData as EngineOptions, { clock: systemClock, tell });
// `open` reports the failure; without this line it would also end the thread as an unhandled rejection.
opening.catch(() => undefined);

const writing = {
  append: async (encoded: ArrayBuffer): Promise<void> => (await opening).append(encoded),
  marks: async (cluster: string): Promise<Readonly<Record<string, number>>> => (await opening).marks(cluster),
};

const reading = {
  range: async (query: RangeQuery): Promise<PackedResult> => {
    const result = await (await opening).range(query);
    return withTransfer(result, buffersOf(result));
  },
  latest: async (kind: EntityKind, sinceMs: number): Promise<LatestValue[]> => (await opening).latest(kind, sinceMs),
  quantiles: async (query: QuantilesQuery): Promise<unknown> => (await opening).quantiles(query),
  trend: async (query: TrendQuery): Promise<unknown> => (await opening).trend(query),
  totals: async (query: TotalsQuery): Promise<unknown> => (await opening).totals(query),
};

const everything = {
  ...writing,
  ...reading,
  open: async (): Promise<void> => {
    await opening;
  },
  stats: async (): Promise<unknown> => (await opening).stats(),
  rollup: async (nowMs: number): Promise<string> => (await opening).rollup(nowMs),
  checkpoint: async (): Promise<string> => (await opening).checkpoint(),
  export: async (request: ExportRequest): Promise<number> => (await opening).export(request),
  describe: async (entities: readonly EntityTags[]): Promise<void> => (await opening).describe(entities),
  writeEvents: async (sink: string, events: readonly Event[]): Promise<boolean> =>
    (await opening).writeEvents(sink, events),
  backup: async (directory: string): Promise<unknown> => (await opening).backup(directory),
  tidy: async (nowMs: number): Promise<string> => (await opening).tidy(nowMs),
  retention: async (nowMs: number): Promise<string> => (await opening).retention(nowMs),
  close: async (): Promise<void> => (await opening).close(),
  servePort: async (port: MessagePort): Promise<void> => {
    serveRpc(port, { ...writing, ...reading });
    return Promise.resolve();
  },
};

serveRpc(main, everything);
