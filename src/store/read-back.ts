// What the database is held against before the journal may forget: the newest batch, which shows that nothing of the
// last transactions is missing; after a rebuild every batch that was replayed.
import type { Batch } from "../model/batch.ts";
import { decodeBatch } from "../model/batch-codec.ts";
import type { Journal } from "./journal.ts";

export interface ReadBack {
  readonly journal: Journal;
  /** The last record that the database has. */
  readonly cursor: number;
  /** The batch of that record, when it is still in memory. */
  readonly newest: Batch | undefined;
  /** The first record that a rebuild replayed, until that is proven. */
  readonly replayedFrom: number | undefined;
}

export function* batchesToProve({ journal, cursor, newest, replayedFrom }: ReadBack): Generator<Batch> {
  const first = replayedFrom === undefined ? cursor : Math.max(replayedFrom, journal.firstSeq);
  for (let seq = first; seq <= cursor; seq++) {
    const batch = seq === cursor && newest !== undefined ? newest : read(journal, seq);
    if (batch !== undefined) yield batch;
  }
}

function read(journal: Journal, seq: number): Batch | undefined {
  const payload = journal.read(seq);
  return payload === undefined ? undefined : decodeBatch(payload);
}
