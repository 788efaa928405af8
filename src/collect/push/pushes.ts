// All pushes of one cluster: reads each body, hands on what it says, and keeps count for the job's line and /metrics.
import type { ClusterId } from "../../model/ids.ts";
import type { JobStatus } from "../../model/job.ts";
import type { PushAnswer, PushRequest } from "../../model/push.ts";
import { Drops } from "../drops.ts";
import type { RowTarget } from "../row-target.ts";
import { influxSamples, type ReadSamples } from "./influx-samples.ts";
import { otlpSamples } from "./otlp-samples.ts";
import { textOf } from "./push-body.ts";
import { type PollKnowledge, PushIntake } from "./push-intake.ts";
import type { PushedMoments } from "./pushed-moments.ts";

export const notListed: PushAnswer = {
  outcome: "not-ready",
  sentence: "The cluster has not been listed since the start; its samples of now are polled instead.",
  refused: 0,
};

export class Pushes {
  readonly intake: PushIntake;
  readonly #drops = new Drops();
  readonly #left = new Drops();
  #counts = { pushes: 0, rows: 0, refused: 0 };
  #lastFault: string | null = null;
  #last: { readonly at: number; readonly durationMs: number } | null = null;

  constructor(moments: PushedMoments) {
    this.intake = new PushIntake(moments, this.#drops, this.#left);
  }

  /** Values of no use, by reason. */
  get drops(): Readonly<Record<string, number>> {
    const own = { "unreadable line": this.#counts.refused, "suspect rate": this.intake.suspectRates };
    const all = Object.entries({ ...this.#drops.counts, ...own });
    return Object.fromEntries(all.filter(([, count]) => count > 0).map(([why, count]) => [`pushed: ${why}`, count]));
  }

  take(request: PushRequest, polls: PollKnowledge, target: RowTarget): PushAnswer {
    this.#counts.pushes += 1;
    const body = textOf(request);
    if ("outcome" in body) return this.#refuse({ ...body, refused: 0 });
    const read = this.#read(request, body.text);
    if ("fault" in read) return this.#refuse({ outcome: "malformed", sentence: read.fault, refused: 0 });
    this.#counts.rows += this.intake.take(read.samples, polls, target);
    this.#counts.refused += read.refused;
    if (read.refused === 0) return { outcome: "taken", sentence: null, refused: 0 };
    const rest = `${read.refused} of ${read.lines} could not be read, the others are taken.`;
    return this.#refuse({ outcome: "partly", sentence: `${read.firstFault ?? ""} ${rest}`, refused: read.refused });
  }

  /** Of the push that ended now. */
  ended(at: number, durationMs: number): void {
    this.#last = { at, durationMs };
  }

  /** null until something was pushed. */
  job(cluster: ClusterId): JobStatus | null {
    if (this.#last === null) return null;
    return {
      id: `push/${cluster}`,
      summary: "Takes in what Proxmox VE's metric server pushes",
      schedule: "as it comes",
      state: "idle",
      lastStartedAt: this.#last.at,
      lastDurationMs: Math.round(this.#last.durationMs),
      lastResult: this.#summary(),
      progress: null,
    };
  }

  #read({ format, precision }: PushRequest, text: string): ReadSamples | { readonly fault: string } {
    return format === "otlp" ? otlpSamples(text, this.#drops) : influxSamples(text, precision, this.#drops);
  }

  #refuse(answer: PushAnswer): PushAnswer {
    this.#lastFault = answer.sentence;
    return answer;
  }

  #summary(): string {
    const { pushes, rows } = this.#counts;
    const parts = [
      `${pushes} pushes, ${rows} rows`,
      ...listOf("left to the polls", this.#left.counts),
      ...listOf("of no use", this.drops),
      ...(this.#lastFault === null ? [] : [`last fault: ${this.#lastFault.replace(/\.$/, "")}`]),
    ];
    return `${parts.join("; ")}.`;
  }
}

function listOf(what: string, counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts).map(([why, count]) => `${count} ${why.replace(/^pushed: /, "")}`);
  return entries.length === 0 ? [] : [`${what}: ${entries.join(", ")}`];
}
