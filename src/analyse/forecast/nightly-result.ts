// One series of the night: forecast, then boiled down to a line of the list and to what is worth keeping.
import { bandLevels, type DayAhead, type ForecastState, type KeptWeights, outlooks } from "../../model/forecasts.ts";
import { packTrained, unpackTrained } from "./kept-weights.ts";
import type { NightlyResult, NightlySeries } from "./nightly-task.ts";
import { meanOf } from "./numbers.ts";
import type { Forecast, NoForecast, Trained } from "./question.ts";
import type { Grid } from "./series-grids.ts";
import { forecastOf } from "./stored-forecast.ts";

const dayMs = 86_400_000;

export function nightlyResult(series: NightlySeries, nowMs: number): NightlyResult {
  const { values, kept, outlook } = series;
  const trained = kept === undefined ? undefined : unpackTrained(kept);
  const found = forecastOf(values, { ...series, levels: bandLevels, ...(trained === undefined ? {} : { trained }) });
  return {
    now: meanOfKnown(values.subarray(-outlooks[outlook].nowSteps)),
    result: found.none ? noState(found) : forecastState(found, series),
    learnt: isFresh(found.trained, trained) ? keptOf(series, found.trained, nowMs) : undefined,
  };
}

/** A series that has changed its nature is learnt again, whatever was kept. */
const isFresh = (now: Trained | undefined, before: Trained | undefined): now is Trained =>
  now !== undefined && now.backtest !== before?.backtest;

const keptOf = ({ id, measured, outlook }: NightlySeries, trained: Trained, nowMs: number): KeptWeights => ({
  id,
  field: measured.id,
  outlook,
  learntAt: nowMs,
  ...packTrained(trained),
});

const noState = ({ code, reason, trained }: NoForecast): ForecastState => ({
  state: "none",
  code,
  reason,
  backtest: trained?.backtest ?? null,
});

function forecastState(found: Forecast, { outlook, grid }: NightlySeries): ForecastState {
  return {
    state: "forecast",
    ahead: outlooks[outlook].aheadDays.map((days) => dayAhead(found, days, grid)),
    backtest: found.backtest,
    lastShiftMs: lastShiftMs(found, grid),
  };
}

export function lastShiftMs({ levelShifts }: Forecast, { fromMs, stepMs }: Grid): number | null {
  const last = levelShifts.at(-1);
  return last === undefined ? null : fromMs + last.at * stepMs;
}

function dayAhead({ mean, bands }: Forecast, days: number, { stepMs }: Grid): DayAhead {
  const end = (days * dayMs) / stepMs;
  const over = (values: Float64Array): number => rounded(meanOf(values, end - dayMs / stepMs, end));
  return { days, mean: over(mean), bands: bands.map(({ lower, upper }) => [over(lower), over(upper)]) };
}

function meanOfKnown(values: Float64Array): number | null {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? null : rounded(meanOf(known));
}

/** More digits than the forecast has, and less to keep. */
const rounded = (value: number): number => Number(value.toPrecision(6));
