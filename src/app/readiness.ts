// Whether the service is ready to be relied on, and if not, why.
import { describeError } from "../lib/errors.ts";
import type { SinkStatus } from "../model/sink.ts";
import type { MetricsStore } from "../model/store.ts";

const lookEveryMs = 5_000;

export class Readiness {
  readonly #store: Pick<MetricsStore, "stats">;
  readonly #timer: NodeJS.Timeout;
  #storeReasons: readonly string[] = [];
  #sinks: readonly Pick<SinkStatus, "name" | "state">[] = [];
  #sampled = false;
  #stopping = false;

  constructor(store: Pick<MetricsStore, "stats">) {
    this.#store = store;
    this.#timer = setInterval(() => void this.#look(), lookEveryMs).unref();
    void this.#look();
  }

  /** The first samples have come. */
  sampled(): void {
    this.#sampled = true;
  }

  stop(): void {
    this.#stopping = true;
    clearInterval(this.#timer);
  }

  /** One sentence per reason; empty when ready. */
  list(): readonly string[] {
    const own = [
      ...(this.#stopping ? ["The service is stopping."] : []),
      ...(this.#sampled ? [] : ["No sample has been collected yet."]),
    ];
    return [...own, ...this.#storeReasons];
  }

  /** A sink that is down keeps nobody from being served, so it is told and is no reason. */
  sinks(): readonly Pick<SinkStatus, "name" | "state">[] {
    return this.#sinks;
  }

  async #look(): Promise<void> {
    try {
      const { degraded, writeError, sinks } = await this.#store.stats();
      const rebuilt = "A damaged database was put aside and is being rebuilt from the journal.";
      this.#storeReasons = [...(degraded ? [rebuilt] : []), ...(writeError === null ? [] : [writeError])];
      this.#sinks = sinks.map(({ name, state }) => ({ name, state }));
    } catch (error) {
      this.#storeReasons = [describeError(error)];
    }
  }
}
