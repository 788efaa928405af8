// A place where the same samples lie besides the embedded database, and from which graphs may be read.
import type { QuantilesQuery, QuantilesResult, RangeQuery, StoreReader } from "../model/store.ts";
import type { PackedResult } from "./frames.ts";

export interface SampleReader {
  /** The sink that it reads what was written by. */
  readonly sink: string;
  readonly kind: StoreReader;
  /** Throws a LimitError for what it cannot answer, and a SinkError when its server does not. */
  range(query: RangeQuery): Promise<PackedResult>;
  /** From all samples; undefined when they are too many to be read. */
  quantiles(query: QuantilesQuery): Promise<QuantilesResult | undefined>;
  close(): Promise<void>;
}
