// What forecasting leaves behind: for every series how it goes on, or why that cannot be said, and what was learnt.
import type { EntityId } from "./ids.ts";
import type { MetricId, Unit } from "./metrics.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * How far ahead is looked, in which steps, on how much history that rests, and for which days a line of the list has
 * numbers. `nowSteps`: what the last value is a mean of, so that an hour of the day is not taken for the level.
 */
export const outlooks = {
  month: { stepMs: hourMs, horizon: 720, historyMs: 90 * dayMs, aheadDays: [1, 7, 14, 30], nowSteps: 24 },
  "half-year": { stepMs: dayMs, horizon: 183, historyMs: 730 * dayMs, aheadDays: [30, 61, 91, 183], nowSteps: 7 },
} as const;
export type Outlook = keyof typeof outlooks;
export const outlookNames = ["month", "half-year"] as const satisfies readonly Outlook[];

/** Shares of the truth that the bands are made to hold, narrow one first. */
export const bandLevels = [0.8, 0.95] as const;

/** Sums over a cluster that are forecast beside the stored series; their id is the cluster's. */
export const clusterTotals = [
  { field: "cpu_used_cores", unit: "count", summary: "Cores in use on all nodes" },
  { field: "mem_used_bytes", unit: "bytes", summary: "Memory in use on all nodes" },
] as const satisfies readonly { readonly field: MetricId; readonly unit: Unit; readonly summary: string }[];

export type NoForecastCode = "no_data" | "too_short" | "too_sparse" | "constant" | "no_better_than_naive";

/** How the forecast did when it was tried on the past, each trial by the weights of the others. */
export interface Backtest {
  readonly trials: number;
  /** Trials in which the forecast was better than the naive one. */
  readonly better: number;
  /** Steps that each trial forecast. */
  readonly span: number;
  /** Mean absolute error, in the series' unit. */
  readonly error: number;
  readonly naiveError: number;
  /** The best of the naive methods: "naive-24" repeats the last 24 steps. */
  readonly naive: string;
  /** Share of the truth within the 95 % interval. */
  readonly coverage: number;
}

/** The day that ends so many days ahead: means of its steps, and of the ends of their bands, in the order of bandLevels. */
export interface DayAhead {
  readonly days: number;
  readonly mean: number;
  readonly bands: readonly (readonly [lower: number, upper: number])[];
}

export type ForecastState =
  | {
      readonly state: "forecast";
      readonly ahead: readonly DayAhead[];
      readonly backtest: Backtest;
      /** When its level last changed at once, as after a resize; null when it did not. */
      readonly lastShiftMs: number | null;
    }
  | {
      readonly state: "none";
      readonly code: NoForecastCode;
      /** "needs 14 days, has 3 days" */
      readonly reason: string;
      /** null where it never came to trials. */
      readonly backtest: Backtest | null;
    };

export interface ForecastLine {
  readonly id: EntityId;
  readonly field: MetricId;
  readonly outlook: Outlook;
  /** Begin of the first step that was forecast, milliseconds since the epoch. */
  readonly fromMs: number;
  /** Mean of the newest values; null when there are none. */
  readonly now: number | null;
  readonly result: ForecastState;
}

/** Document `forecasts`, by cluster; many keys, each with a part of the series. */
export interface ForecastsDocument {
  readonly lines: readonly ForecastLine[];
}

/** Document `forecast-weights`, with the keys of `forecasts`: what later nights and questions need not learn again. */
export interface ForecastWeightsDocument {
  readonly series: readonly KeptWeights[];
}

/** What the trials of one series taught, small: numbers as bytes in base64 (src/analyse/forecast/kept-weights.ts). */
export interface KeptWeights {
  readonly id: EntityId;
  readonly field: MetricId;
  readonly outlook: Outlook;
  readonly learntAt: number;
  readonly seasons: readonly number[];
  readonly space: "plain" | "log" | "logit";
  readonly weights: Readonly<Record<string, number>>;
  readonly backtest: Backtest;
  readonly spread: KeptSpread;
  readonly learnt: Readonly<Record<string, string>>;
}

export interface KeptSpread {
  readonly scale: string;
  readonly first: number;
  readonly perStep: number;
  readonly drift: number;
  readonly widening: number;
  readonly signed: string;
  readonly sizes: string;
}

/** What the question `forecast` is asked. */
export interface ForecastAsked {
  readonly id: EntityId;
  readonly field: MetricId;
  readonly outlook: Outlook;
}

export interface ForecastBand {
  readonly level: number;
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** The answer at full resolution: value i is of the step that begins at fromMs + i · stepMs. */
export interface ForecastAnswer extends ForecastAsked {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly result:
    | {
        readonly state: "forecast";
        readonly mean: readonly number[];
        readonly bands: readonly ForecastBand[];
        readonly backtest: Backtest;
        readonly lastShiftMs: number | null;
      }
    | Extract<ForecastState, { readonly state: "none" }>;
}
