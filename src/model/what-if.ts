// The answer to a what-if: capacity, time and guests before and after, which nodes may fail, and what finds no place.
import type { ScopeCapacity } from "./capacity.ts";
import type { EntityId } from "./ids.ts";
import type { FailureVerdict, NodeFailure } from "./node-failure.ts";

export interface FailureCounts {
  readonly node: string;
  readonly verdict: FailureVerdict;
  readonly restarts: number;
  readonly restartsWithLoss: number;
  readonly needsHand: number;
  readonly stranded: number;
  readonly unknown: number;
  readonly sentence: string;
}

/** Null where the node is not there before, or after. */
export interface FailureChange {
  readonly node: string;
  readonly before: FailureCounts | null;
  readonly after: FailureCounts | null;
}

export interface WhatIfAnswer {
  readonly sentence: string;
  readonly cluster: { readonly before: ScopeCapacity; readonly after: ScopeCapacity };
  /** Only backings that the changes touch. */
  readonly storages: readonly {
    readonly id: EntityId;
    readonly before: ScopeCapacity;
    readonly after: ScopeCapacity | null;
  }[];
  /** Every node that is there before or after. */
  readonly failures: readonly FailureChange[];
  /** Guests that no node takes any more, and why. */
  readonly noPlace: readonly { readonly name: string; readonly why: string }[];
  /** The four lists of each node that the scenario loses. */
  readonly losses: readonly NodeFailure[];
  /** How old the forecasts and needs are that it rests on (ms since the epoch); null: none yet, from newest values alone. */
  readonly computedAt: number | null;
  /** What the answer cannot take into account, one sentence each. */
  readonly notes: readonly string[];
}
