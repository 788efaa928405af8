// One lane of a delivery: takes a step when there is something to do and nothing in the way, and waits at the bell
// otherwise.
import type { Clock } from "../../lib/clock.ts";
import type { Bell } from "./bell.ts";
import { LaneTrouble } from "./lane-trouble.ts";

export interface LaneParts {
  readonly clock: Clock;
  readonly bell: Bell;
  readonly random: () => number;
  readonly closing: AbortSignal;
  /** Called after every step that did something. */
  readonly after: () => void;
}

/** Something to do: a number that grows with newer work, and the moment (monotonic) from which it may be done. */
export interface Step {
  readonly seq: number;
  readonly notBefore: number;
  readonly run: () => Promise<void>;
}

export class Lane {
  readonly #parts: LaneParts;
  readonly trouble: LaneTrouble;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.trouble = new LaneTrouble(parts.random);
  }

  /** Runs until we close. `next` says what there is to do now, if anything; an error of it is the lane's trouble. */
  async run(next: () => Step | undefined): Promise<void> {
    const { clock, bell, closing } = this.#parts;
    while (!closing.aborted) {
      const step = next();
      if (step === undefined) {
        await bell.wait();
        continue;
      }
      const now = clock.monotonic();
      const waitMs = Math.max(step.notBefore - now, this.trouble.waitMs(step.seq, now));
      if (waitMs > 0) await bell.wait(waitMs);
      else await this.#take(step);
    }
  }

  async #take(step: Step): Promise<void> {
    const { clock, bell, closing, after } = this.#parts;
    try {
      await step.run();
      this.trouble.succeeded();
    } catch (error) {
      if (closing.aborted) return;
      this.trouble.failed(error, step.seq, clock.monotonic());
    }
    after();
    bell.ring();
    // However fast the sink is, batches come in and questions are answered in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
