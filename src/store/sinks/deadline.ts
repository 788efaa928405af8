// A call to something outside that may never answer.
import type { Clock } from "../../lib/clock.ts";
import { SinkError } from "../../lib/errors.ts";

export interface DeadlineParts {
  readonly clock: Clock;
  readonly ms: number;
  readonly closing: AbortSignal;
}

/**
 * Throws a SinkError when `work` has not settled after `ms`, or at once when we are closing. `work` is told by its
 * signal; one that does not listen is left to itself.
 */
export async function withDeadline<T>(
  { clock, ms, closing }: DeadlineParts,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const stop = (): void => over.abort();
  closing.addEventListener("abort", stop, { once: true });
  const limit = clock.sleep(ms, over.signal).then((): never => {
    const message = closing.aborted ? "Pilothouse is stopping." : `It did not answer within ${ms / 1000} s.`;
    throw new SinkError(message, "passing");
  });
  try {
    if (closing.aborted) stop();
    return await Promise.race([work(over.signal), limit]);
  } finally {
    closing.removeEventListener("abort", stop);
    stop();
  }
}
