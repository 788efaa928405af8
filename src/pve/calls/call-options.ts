// What every call of the PVE API takes besides its own parameters, and what it needs of a client.
import type { PveAnswer, PveGet } from "../request.ts";

export type CallOptions = Pick<PveGet<never>, "priority" | "signal" | "timeoutMs">;

/** The reading half of PveCluster. */
export interface PveReader {
  get<T>(spec: PveGet<T>): Promise<PveAnswer<T>>;
}
