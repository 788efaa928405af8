// A forecast as lists show it: one line per series and outlook, with the last day that is looked ahead to.
import { z } from "zod";
import { bandLevels, type ForecastLine, outlookNames } from "../../model/forecasts.ts";
import type { EntityKind } from "../../model/ids.ts";
import { isoTime } from "./time.ts";

const amount = z.number().nullable();
const time = z.string().nullable().describe("ISO 8601, UTC");

export const ForecastItem = z
  .object({
    id: z.string(),
    cluster: z.string(),
    kind: z.string(),
    name: z.string(),
    field: z.string(),
    unit: z.string(),
    outlook: z.enum(outlookNames),
    state: z.enum(["forecast", "none"]),
    code: z
      .string()
      .nullable()
      .describe("Why there is none: no_data, too_short, too_sparse, constant, no_better_than_naive"),
    reason: z.string().nullable().describe("The same for a person: needs 14 days, has 3 days"),
    from: time.describe("Begin of the first step that was forecast"),
    now: amount.describe("Mean of the last day (month) or week (half-year) that was measured"),
    days_ahead: z.number().nullable().describe("The day that the next five are means of"),
    expected: amount,
    lower_80: amount,
    upper_80: amount,
    lower_95: amount,
    upper_95: amount,
    change: amount.describe("expected less now"),
    error: amount.describe("Mean absolute error of the trials on its past, in its unit"),
    naive_error: amount.describe("The same of repeating the past"),
    error_ratio: amount.describe("error / naive_error: below 1 it is better than repeating the past"),
    naive: z.string().nullable().describe("What naive_error repeats: naive-24 the last 24 steps"),
    trials: z.number().nullable(),
    better: z.number().nullable().describe("Trials in which it was better than repeating the past"),
    coverage_ratio: amount.describe("Share of the trials' truth within the 95 % interval"),
    last_shift_at: time.describe("When its level last changed at once, as after a resize"),
  })
  .meta({ id: "Forecast" });
export type ForecastItem = z.infer<typeof ForecastItem>;

export interface ForecastSubject {
  readonly cluster: string;
  readonly kind: EntityKind;
  readonly name: string;
  readonly unit: string;
}

export function forecastItem(line: ForecastLine, { cluster, kind, name, unit }: ForecastSubject): ForecastItem {
  const { id, field, outlook, fromMs, now, result } = line;
  const { backtest } = result;
  return {
    id,
    cluster,
    kind,
    name,
    field,
    unit,
    outlook,
    state: result.state,
    code: result.state === "none" ? result.code : null,
    reason: result.state === "none" ? result.reason : null,
    from: isoTime(fromMs),
    now,
    ...aheadOf(line),
    error: backtest?.error ?? null,
    naive_error: backtest?.naiveError ?? null,
    error_ratio: backtest === null || backtest.naiveError === 0 ? null : backtest.error / backtest.naiveError,
    naive: backtest?.naive ?? null,
    trials: backtest?.trials ?? null,
    better: backtest?.better ?? null,
    coverage_ratio: backtest?.coverage ?? null,
    last_shift_at: result.state === "none" ? null : isoTime(result.lastShiftMs),
  };
}

function aheadOf({ now, result }: ForecastLine) {
  const day = result.state === "none" ? undefined : result.ahead.at(-1);
  const band = (level: (typeof bandLevels)[number]) => day?.bands[bandLevels.indexOf(level)];
  return {
    days_ahead: day?.days ?? null,
    expected: day?.mean ?? null,
    lower_80: band(0.8)?.[0] ?? null,
    upper_80: band(0.8)?.[1] ?? null,
    lower_95: band(0.95)?.[0] ?? null,
    upper_95: band(0.95)?.[1] ?? null,
    change: day === undefined || now === null ? null : day.mean - now,
  };
}
