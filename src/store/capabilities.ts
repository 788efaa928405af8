// What the stores of this folder can do; one list, because they answer alike.
import type { StoreCapabilities } from "../model/store.ts";

export const capabilities: StoreCapabilities = {
  aggregations: ["avg", "min", "max", "last", "sum"],
  maxRangeMs: null,
};
