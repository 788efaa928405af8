// Where a question is answered from when an InfluxDB is read: from there, after what was just acknowledged has arrived;
// and from the embedded database when it cannot answer, or does not. The answer says which of them it was.
import type { Clock } from "../lib/clock.ts";
import { describeError, LimitError, PilothouseError, SinkError } from "../lib/errors.ts";
import type { SinkStatus } from "../model/sink.ts";
import type { SampleReader } from "./sample-reader.ts";
import { ownProblem, type TellEvent } from "./store-events.ts";

/** A batch that was just acknowledged is in the sink a moment later. One that is down or has a backlog is not waited for. */
const arriveMs = 3_000;
const fewBatches = 20;
const lookMs = 10;
const code = "reader_failing";

export interface ReadingParts {
  readonly reader: SampleReader;
  readonly clock: Clock;
  readonly tell: TellEvent;
  readonly statuses: () => readonly SinkStatus[];
}

export class Reading {
  readonly #parts: ReadingParts;
  #isFailing = false;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
  }

  /** Asks the reader; undefined means that the embedded database has to answer. */
  async ask<T>(question: (reader: SampleReader) => Promise<T | undefined>): Promise<T | undefined> {
    const { reader } = this.#parts;
    await this.#arrived();
    try {
      const answer = await question(reader);
      this.#clear();
      return answer;
    } catch (error) {
      if (error instanceof LimitError) return undefined;
      if (error instanceof PilothouseError && !(error instanceof SinkError)) throw error;
      this.#raise(error);
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.#parts.reader.close();
  }

  async #arrived(): Promise<void> {
    const { clock, reader, statuses } = this.#parts;
    const until = clock.monotonic() + arriveMs;
    while (clock.monotonic() < until) {
      const sink = statuses().find(({ name }) => name === reader.sink);
      if (sink === undefined || !isArriving(sink)) return;
      await clock.sleep(lookMs);
    }
  }

  #raise(error: unknown): void {
    const { reader, tell } = this.#parts;
    this.#isFailing = true;
    const message = `${reader.sink} does not answer questions (${describeError(error)}); graphs come from the embedded database.`;
    tell(ownProblem(code, "warning", message, "See whether its server runs; it is asked again with every question."));
  }

  #clear(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#parts.tell({ event: "clear", code });
  }
}

const isArriving = ({ state, batchesPending }: SinkStatus): boolean =>
  batchesPending > 0 && batchesPending <= fewBatches && (state === "ok" || state === "behind");
