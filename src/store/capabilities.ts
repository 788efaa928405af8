// What the stores of this folder can do; one list, because they answer alike. What InfluxDB cannot answer (a range that
// is too long for it, too many points) the embedded database answers, so it takes nothing away.
import type { StoreCapabilities, StoreReader } from "../model/store.ts";

export const capabilities: StoreCapabilities = {
  aggregations: ["avg", "min", "max", "last", "sum"],
  maxRangeMs: null,
  percentiles: "nearest-rank",
  reader: "duckdb",
};

export const capabilitiesOf = (reader: StoreReader): StoreCapabilities => ({ ...capabilities, reader });
