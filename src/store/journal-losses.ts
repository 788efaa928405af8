// What the journal had to let go: told in words, counted, and raised as a problem.
import type { JournalLoss } from "./journal.ts";
import { ownProblem, type TellEvent } from "./store-events.ts";

export class JournalLosses {
  readonly #tell: TellEvent;
  readonly #dropPending: (seq: number) => number;
  #batchesDropped = 0;

  /** `dropPending` forgets what was not applied up to a record, and says how many batches that were. */
  constructor(tell: TellEvent, dropPending: (seq: number) => number) {
    this.#tell = tell;
    this.#dropPending = dropPending;
  }

  /** Batches that the bound of the journal cost before the database had them. */
  get batchesDropped(): number {
    return this.#batchesDropped;
  }

  note(loss: JournalLoss): void {
    const message = lossSentence(loss);
    this.#tell({ event: "log", level: "warn", data: { file: loss.file, bytes: loss.bytes, seqs: loss.seqs }, message });
    if (loss.seqs === null) return;
    if (loss.reason !== "full") {
      this.#tell(ownProblem("journal_damaged", "warning", message, "Check the health of the disk."));
      return;
    }
    const dropped = this.#dropPending(loss.seqs[1]);
    this.#batchesDropped += dropped;
    if (dropped === 0) return;
    const remedy = "Give the journal more room, or see why the database does not take its batches.";
    this.#tell(ownProblem("journal_full", "warning", message, remedy));
  }
}

function lossSentence({ reason, file, bytes, seqs }: JournalLoss): string {
  const count = seqs === null ? 0 : seqs[1] - seqs[0] + 1;
  switch (reason) {
    case "torn":
      return `A write to ${file} was cut short by a crash; its ${bytes} unfinished bytes were put aside.`;
    case "damaged":
      return `${count} batches in ${file} are damaged and were passed over.`;
    case "full":
      return `The journal reached its bound and dropped its oldest ${count} batches.`;
  }
}
