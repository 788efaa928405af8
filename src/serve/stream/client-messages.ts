// What a client of the stream may say, and how often.
import { z } from "zod";
import type { Clock } from "../../lib/clock.ts";

const topic = z.string().min(1).max(200);

const Message = z.discriminatedUnion("op", [
  z.object({
    op: z.literal("subscribe"),
    topic,
    epoch: z.string().max(200).optional(),
    seq: z.number().int().min(0).optional(),
  }),
  z.object({ op: z.literal("unsubscribe"), topic }),
  z.object({ op: z.literal("ping") }),
]);
export type ClientMessage = z.infer<typeof Message>;

export type ParsedMessage =
  | { readonly kind: "message"; readonly message: ClientMessage }
  | { readonly kind: "not-json" }
  | { readonly kind: "unknown" };

export function parseMessage(text: string): ParsedMessage {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { kind: "not-json" };
  }
  const parsed = Message.safeParse(content);
  return parsed.success ? { kind: "message", message: parsed.data } : { kind: "unknown" };
}

/** Lets `perSecond` messages through at once and as many more each second. */
export class MessageRate {
  readonly #perSecond: number;
  readonly #clock: Pick<Clock, "monotonic">;
  #allowance: number;
  #countedAt: number;

  constructor(perSecond: number, clock: Pick<Clock, "monotonic">) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#allowance = perSecond;
    this.#countedAt = clock.monotonic();
  }

  allows(): boolean {
    const now = this.#clock.monotonic();
    this.#allowance = Math.min(this.#perSecond, this.#allowance + ((now - this.#countedAt) / 1_000) * this.#perSecond);
    this.#countedAt = now;
    if (this.#allowance < 1) return false;
    this.#allowance--;
    return true;
  }
}
