// Whether a node's samples still move on. A mark that lies in the node's future, because its clock was set right, would
// otherwise keep every sample out until that future has come.
import type { Clock } from "../lib/clock.ts";
import type { ExportSample } from "./export-points.ts";

/** Answers without anything new, one after the other, before the clock is looked at. */
const stuckAfter = 3;
/** A node may have measured another round while it was asked. */
const marginMs = 15_000;

export class NodeProgress {
  readonly #clock: Clock;
  #idle = 0;
  #newsAt: number;
  /** The node's time less our monotonic one, from the moment its clock was found set back until samples come again. */
  #offsetMs: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#newsAt = clock.monotonic();
  }

  get isStuck(): boolean {
    return this.#idle >= stuckAfter;
  }

  /** How long nothing new has come. */
  get idleMs(): number {
    return this.#clock.monotonic() - this.#newsAt;
  }

  news(): void {
    this.#idle = 0;
    this.#newsAt = this.#clock.monotonic();
    this.#offsetMs = null;
  }

  nothingNew(): void {
    this.#idle += 1;
  }

  /** The clock was looked at; the next questions are usual ones. */
  probed(): void {
    this.#idle = 0;
  }

  /** `newest`: the node's newest round by its clock as it is now. */
  setBack(newest: number): void {
    this.#offsetMs = newest - this.#clock.monotonic();
  }

  /** Rounds that the node dated before its clock was set back lie in its future now; they were taken at their time. */
  withoutFuture(samples: readonly ExportSample[]): readonly ExportSample[] {
    if (this.#offsetMs === null) return samples;
    const latest = this.#clock.monotonic() + this.#offsetMs + marginMs;
    return samples.filter(({ ts }) => ts <= latest);
  }
}
