// What was started is taken down in reverse order; one part that fails to close does not keep the others open.
import type { Log } from "../lib/log.ts";

export interface Closer {
  readonly name: string;
  readonly close: () => Promise<void>;
}

/** Empties the list, so that a second call finds nothing left to close. */
export async function closeAll(closers: Closer[], log: Log): Promise<void> {
  for (const { name, close } of closers.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      log.warn({ err: error, part: name }, "did not close cleanly");
    }
  }
}
