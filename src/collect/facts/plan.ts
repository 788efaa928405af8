// When each reader asks about each thing. Pure: the time, what was read before and what was hinted at are arguments, and
// the jitter comes from names and times, so that a plan can be worked out by hand.
import type { FactRead } from "../../model/facts.ts";
import type { FactReaderName } from "../../model/facts-paces.ts";
import type { EntityId } from "../../model/ids.ts";

export interface Wish {
  readonly reader: FactReaderName;
  readonly about: EntityId;
  /** Readings of one node's or the whole cluster's facts are few and go before those of thousands of guests. */
  readonly wide: boolean;
  readonly everyS: number;
  readonly backOffS: number;
}

export interface PlannedRead {
  readonly wish: Wish;
  readonly dueAt: number;
}

export interface PlanInput {
  readonly now: number;
  /** When this plan began to be followed; first readings are spread from there. */
  readonly startedAt: number;
  readonly reads: ReadonlyMap<string, FactRead>;
  /** A moment from which something new is to be expected. */
  readonly hints: ReadonlyMap<string, number>;
  /** Not before this moment, whatever else says (the cluster did not answer). */
  readonly notBefore: ReadonlyMap<string, number>;
}

/** First readings are spread over this at most, so that a start is no burst. */
const firstSpreadMs = 120_000;
const longestBackOffMs = 24 * 3_600_000;

export const readKey = (reader: string, about: EntityId): string => `${reader} ${about}`;

/** When a wish is due next, ms since the epoch. */
export function dueAt(wish: Wish, { startedAt, reads, hints, notBefore }: PlanInput): number {
  const key = readKey(wish.reader, wish.about);
  const read = reads.get(key);
  const hint = hints.get(key);
  const earliest = notBefore.get(key) ?? 0;
  if (read === undefined) {
    const spread = Math.min(wish.everyS * 1000, firstSpreadMs);
    return Math.max(earliest, hint ?? startedAt + share(key) * spread);
  }
  if (read.failures > 0) return Math.max(earliest, read.at + backOffMs(wish, read.failures));
  const pace = wish.everyS * 1000 * (0.95 + 0.1 * share(`${key} ${read.at}`));
  const due = read.at + pace;
  return Math.max(earliest, hint !== undefined && hint > read.at ? Math.min(due, hint) : due);
}

function backOffMs({ backOffS, everyS }: Wish, failures: number): number {
  const doubled = backOffS * 1000 * 2 ** Math.min(failures - 1, 20);
  return Math.max(everyS * 1000, Math.min(doubled, longestBackOffMs));
}

/** What is due now: hinted ones first, then those of nodes and clusters, then whatever is latest by its own pace. */
export function planReads(wishes: readonly Wish[], input: PlanInput): readonly PlannedRead[] {
  const due = wishes
    .map((wish) => ({ wish, dueAt: dueAt(wish, input) }))
    .filter((planned) => planned.dueAt <= input.now);
  const rank = ({ wish }: PlannedRead): number => {
    if (input.hints.has(readKey(wish.reader, wish.about))) return 0;
    return wish.wide ? 1 : 2;
  };
  const late = ({ wish, dueAt: at }: PlannedRead): number => (input.now - at) / (wish.everyS * 1000);
  return due.sort((a, b) => rank(a) - rank(b) || late(b) - late(a) || (a.wish.about < b.wish.about ? -1 : 1));
}

/** 0 ≤ x < 1, the same for the same text (FNV-1a). */
export function share(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  // The last letters alone hardly reach the upper bits.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
