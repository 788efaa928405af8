// Lets one request out at a time, so many per second at most. Unlike the client's budget it saves nothing up: slow facts
// have no hurry, ever.
import type { Clock } from "../../lib/clock.ts";
import type { PveAnswer, PveGet, PveReader } from "../../pve/index.ts";

export class Pacer implements PveReader {
  readonly #pve: PveReader;
  readonly #clock: Clock;
  readonly #gapMs: number;
  #free = Number.NEGATIVE_INFINITY;

  constructor(pve: PveReader, clock: Clock, requestsPerSecond: number) {
    this.#pve = pve;
    this.#clock = clock;
    this.#gapMs = 1000 / requestsPerSecond;
  }

  async get<T>(spec: PveGet<T>): Promise<PveAnswer<T>> {
    const now = this.#clock.monotonic();
    const turn = Math.max(now, this.#free);
    this.#free = turn + this.#gapMs;
    if (turn > now) await this.#clock.sleep(turn - now, spec.signal);
    return this.#pve.get(spec);
  }
}
