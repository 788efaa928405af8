// What `lab forecast` says in the end: how many series were forecast, how well on their own past, and which were not.
import { beatsNaive } from "../../analyse/forecast/forecast.ts";
import type { LabResult } from "../../analyse/forecast/lab-task.ts";
import type { WideRow } from "./wide-csv.ts";

export interface ForecastSummary {
  readonly warnings: readonly string[];
  readonly sentence: string;
  readonly data: object;
}

/** So many series are named; the rest is counted. */
const mostNamed = 20;

export function forecastSummary(rows: readonly WideRow[], results: readonly LabResult[]): ForecastSummary {
  const refused = results.flatMap(({ refusal, answer }, at) =>
    refusal === undefined
      ? []
      : [{ id: rows[at]?.id ?? "", reason: refusal.reason, code: refusal.code, empty: answer === undefined }],
  );
  const backtests = results.flatMap(({ backtest }) => (backtest === undefined ? [] : [backtest]));
  const better = backtests.filter(beatsNaive).length;
  const ratios = backtests.flatMap(({ error, naiveError }) => (naiveError > 0 ? [error / naiveError] : []));
  const warnings = refused.map(
    ({ id, reason, empty }) =>
      `${id}: ${reason}; ${empty ? "its row is empty" : "the best naive forecast stands in its row"}`,
  );
  return {
    warnings: [
      ...warnings.slice(0, mostNamed),
      ...(warnings.length > mostNamed ? [`and ${warnings.length - mostNamed} more series without a forecast`] : []),
    ],
    sentence: `${rows.length} series: ${backtests.length} forecast, ${better} of them better than naive on their own past, ${refused.length} naive only`,
    data: {
      series: rows.length,
      forecast: backtests.length,
      better_than_naive: better,
      median_error_to_naive: medianOrNull(ratios),
      mean_coverage:
        backtests.length === 0 ? null : backtests.reduce((sum, { coverage }) => sum + coverage, 0) / backtests.length,
      refused,
    },
  };
}

function medianOrNull(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}
