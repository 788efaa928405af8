// The store from another thread: encodes batches once and moves their bytes; frames of series come back moved, too.
import type { MessagePort, Transferable } from "node:worker_threads";
import { InputError, LimitError, LockedError, NotFoundError, StoreError } from "../lib/errors.ts";
import { type ReviveError, type RpcClient, rpcClient } from "../lib/rpc.ts";
import type { Batch } from "../model/batch.ts";
import { encodeBatch } from "../model/batch-codec.ts";
import type { MetricsStore } from "../model/store.ts";
import { type PackedResult, unpackResult } from "./frames.ts";

/** What other threads may ask of stored series. */
export type SeriesReader = Pick<MetricsStore, "range" | "latest" | "quantiles" | "trend" | "totals">;

export interface StoreClient extends Pick<MetricsStore, "append" | "marks">, SeriesReader {
  /** As `append`, for a batch that is encoded already; the buffer is moved away and must not be used again. */
  appendEncoded(encoded: ArrayBuffer): Promise<void>;
  /** Ends this thread's use of the port. */
  close(): void;
}

const classes = { InputError, LimitError, LockedError, NotFoundError, StoreError } as const;

/** Errors of the store keep their class across threads, so that it can still decide what happens next. */
export const reviveStoreError: ReviveError = ({ name, message }) => {
  const errorClass = classes[name as keyof typeof classes] as (typeof classes)[keyof typeof classes] | undefined;
  return errorClass === undefined ? Object.assign(new Error(message), { name }) : new errorClass(message);
};

/** `port` comes from `StoreControl.port()`. */
export function storeClient(port: MessagePort): StoreClient {
  const rpc = rpcClient(port, reviveStoreError);
  port.on("close", () => rpc.fail(new StoreError("The store is closed.")));
  return { ...writingHalf(rpc), ...readingHalf(rpc), close: () => port.close() };
}

export const readingHalf = (rpc: RpcClient): SeriesReader => ({
  range: async (query) => unpackResult(await rpc.call<PackedResult>("range", [query])),
  latest: async (kind, sinceMs) => rpc.call("latest", [kind, sinceMs]),
  quantiles: async (query) => rpc.call("quantiles", [query]),
  trend: async (query) => rpc.call("trend", [query]),
  totals: async (query) => rpc.call("totals", [query]),
});

export function writingHalf(rpc: RpcClient): Pick<StoreClient, "append" | "appendEncoded" | "marks"> {
  const appendEncoded = async (encoded: ArrayBuffer): Promise<void> =>
    rpc.call("append", [encoded], [encoded as unknown as Transferable]);
  return {
    append: async (batch: Batch) => appendEncoded(encodeBatch(batch)),
    appendEncoded,
    marks: async (cluster) => rpc.call("marks", [cluster]),
  };
}
