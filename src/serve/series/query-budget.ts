// Lets a few heavy queries run at once, some wait, and turns the rest away, so that the page stays quick beside them.
import { HttpError } from "../http/http-error.ts";

export interface QueryBudgetOptions {
  readonly concurrent: number;
  readonly waiting: number;
  readonly timeoutMs: number;
}

export class QueryBudget {
  readonly #options: QueryBudgetOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: QueryBudgetOptions) {
    this.#options = options;
  }

  /** Throws an HttpError 503 when too many wait already, or when `query` takes too long. */
  async run<T>(query: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.concurrent) await this.#turn();
    else this.#running++;
    const work = query();
    // The place is free when the query has really ended, not when its caller stops waiting.
    const free = (): void => this.#free();
    work.then(free, free);
    return this.#inTime(work);
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#options.waiting) throw busy();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #free(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(tooSlow(this.#options.timeoutMs)), this.#options.timeoutMs);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  }
}

const busy = (): HttpError => new HttpError(503, "Too many queries at once; try again.", { "retry-after": "2" });

const tooSlow = (ms: number): HttpError =>
  new HttpError(503, `The query took longer than ${ms / 1_000} seconds; ask for a shorter range or a wider step.`, {
    "retry-after": "10",
  });
