// Pushes that the collector's thread has not answered yet.
import type { PushAnswer } from "../../model/push.ts";

const ended: PushAnswer = {
  outcome: "not-ready",
  sentence: "The service is stopping; nothing is taken any more.",
  refused: 0,
};

export class PendingPushes {
  readonly #waiting = new Map<number, (answer: PushAnswer) => void>();
  #next = 1;
  #hasEnded = false;

  /** Sends a question under a number, and resolves with what is answered to it. */
  ask(send: (number: number) => void): Promise<PushAnswer> {
    if (this.#hasEnded) return Promise.resolve(ended);
    const number = this.#next++;
    const answer = new Promise<PushAnswer>((resolve) => this.#waiting.set(number, resolve));
    send(number);
    return answer;
  }

  answered(number: number, answer: PushAnswer): void {
    this.#waiting.get(number)?.(answer);
    this.#waiting.delete(number);
  }

  /** Nobody answers any more. */
  end(): void {
    this.#hasEnded = true;
    for (const resolve of this.#waiting.values()) resolve(ended);
    this.#waiting.clear();
  }
}
