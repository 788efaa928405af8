// Whether the service is ready to be relied on, and if not, why.
import type { MetricsStore, StoreStats } from "../model/store.ts";

const lookEveryMs = 5_000;

export class Readiness {
  #stats: StoreStats | null = null;
  #sampled = false;
  #stopping = false;
  readonly #timer: NodeJS.Timeout;

  constructor(store: Pick<MetricsStore, "stats">) {
    const look = (): void => {
      store.stats().then(
        (stats) => {
          this.#stats = stats;
        },
        () => undefined,
      );
    };
    look();
    this.#timer = setInterval(look, lookEveryMs).unref();
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
    const reasons: string[] = [];
    if (this.#stopping) reasons.push("The service is stopping.");
    if (!this.#sampled) reasons.push("No sample has been collected yet.");
    if (this.#stats?.degraded === true)
      reasons.push("A damaged database was put aside and is being rebuilt from the journal.");
    if (typeof this.#stats?.writeError === "string") reasons.push(this.#stats.writeError);
    return reasons;
  }
}
