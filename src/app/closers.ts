// What was started is taken down in reverse order; one part that fails to close does not keep the others open.
import type { Log } from "../lib/log.ts";

export class Closers {
  readonly #log: Log;
  readonly #list: { readonly name: string; readonly close: () => Promise<void> }[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Takes charge of closing a part, and gives it back. */
  own<T>(name: string, part: T, close: (part: T) => Promise<void>): T {
    this.#list.push({ name, close: () => close(part) });
    return part;
  }

  /** A second call finds nothing left to close. */
  async closeAll(): Promise<void> {
    for (const { name, close } of this.#list.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        this.#log.warn({ err: error, part: name }, "did not close cleanly");
      }
    }
  }
}
