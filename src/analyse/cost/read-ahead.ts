// Reads many days at once, for whoever goes through them one by one: a question to the store for every day and metric
// would take minutes for a year.
import type { CostModel } from "../../model/cost-model.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";
import type { Window } from "./grid.ts";
import { type CostReadings, readCosts } from "./readings.ts";

/** Guests times slots that are held: some tens of megabytes. */
const most = 150_000;

export interface ReadAheadOf {
  readonly cluster: ClusterId;
  readonly model: Pick<CostModel, "attribution" | "power">;
  readonly guests: number;
  /** Nothing after it is read. */
  readonly endMs: number;
}

export class ReadAhead {
  readonly #context: Pick<AnalysisContext, "fleet" | "facts" | "store">;
  readonly #of: ReadAheadOf;
  #held: { readonly window: Window; readonly readings: CostReadings } | null = null;

  constructor(context: Pick<AnalysisContext, "fleet" | "facts" | "store">, of: ReadAheadOf) {
    this.#context = context;
    this.#of = of;
  }

  /** Windows are asked in the order of time. */
  async read(window: Window): Promise<CostReadings> {
    if (this.#held === null || !holds(this.#held.window, window)) {
      const wide = this.#widened(window);
      const { cluster, model } = this.#of;
      this.#held = { window: wide, readings: await readCosts(this.#context, cluster, model, wide) };
    }
    const { owners, slots } = this.#held.readings;
    return { owners, slots: slots.filter(({ startMs }) => startMs >= window.fromMs && startMs < window.toMs) };
  }

  #widened({ fromMs, toMs, stepMs }: Window): Window {
    const slots = Math.max(1, Math.floor(most / Math.max(1, this.#of.guests)));
    const end = Math.min(fromMs + slots * stepMs, this.#of.endMs);
    return { fromMs, toMs: Math.max(toMs, fromMs + Math.floor((end - fromMs) / stepMs) * stepMs), stepMs };
  }
}

const holds = (held: Window, { fromMs, toMs, stepMs }: Window): boolean =>
  held.stepMs === stepMs && held.fromMs <= fromMs && held.toMs >= toMs && (fromMs - held.fromMs) % stepMs === 0;
