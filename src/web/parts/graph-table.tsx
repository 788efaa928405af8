// The points of a graph as a table, newest first.
import { formatMoment, formatResolution } from "../format.ts";
import { expectedAt, expectedText } from "../graph/forecast-lines.ts";
import type { GraphSpec } from "../graph/graph-spec.ts";
import type { SeriesColumns } from "../graph/series.ts";
import { formatValue } from "../graph/units.ts";
import { type ForecastSeries, lineKey } from "../graph/use-forecasts.ts";

const mostRows = 500;
const hoursOfDay = 24;
const dayMs = 86_400_000;

interface GraphTableProps {
  readonly spec: GraphSpec;
  readonly series: readonly (SeriesColumns | undefined)[];
  /** What is expected after the newest point, until `toMs`. */
  readonly forecasts: readonly ForecastSeries[];
  readonly toMs: number;
}

export function GraphTable({ spec, series, forecasts, toMs }: GraphTableProps) {
  const columns = spec.lines
    .map((line, number) => ({ line, values: valuesByTime(series[number]) }))
    .filter(({ values }) => values.size > 0);
  const times = [...new Set(columns.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => b - a);
  const resolution = resolutions(series);
  const expected = expectedTimes(forecasts, toMs);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
    <section class="graph-table" tabIndex={0} aria-label={`${spec.title}, values`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {columns.map(({ line }) => (
              <th scope="col" class="right" key={line.id + line.field}>
                {line.label}
              </th>
            ))}
            <th scope="col" class="right">
              Stands for
            </th>
          </tr>
        </thead>
        <tbody>
          {expected.map((ms) => (
            <tr key={ms}>
              <td>{formatMoment(ms)}</td>
              {columns.map(({ line }) => (
                <td class="right" key={line.id + line.field}>
                  {expectedCell(
                    spec,
                    forecasts.find((one) => lineKey(one) === lineKey(line)),
                    ms,
                  )}
                </td>
              ))}
              <td class="right dim">forecast</td>
            </tr>
          ))}
          {times.slice(0, mostRows).map((ms) => (
            <tr key={ms}>
              <td>{formatMoment(ms)}</td>
              {columns.map(({ line, values }) => (
                <td class="right" key={line.id + line.field}>
                  {cellText(spec, values.get(ms))}
                </td>
              ))}
              <td class="right dim">{formatResolution(resolution.get(ms) ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {times.length > mostRows && (
        <p class="dim">
          The newest {mostRows} of {times.length} points; zoom in for the others.
        </p>
      )}
    </section>
  );
}

/** Newest first, as the points are; of many steps the days alone. */
function expectedTimes(forecasts: readonly ForecastSeries[], toMs: number): readonly number[] {
  const first = forecasts.find(({ state }) => state === "forecast");
  if (first === undefined) return [];
  const stepMs = first.step_seconds * 1000;
  const steps = Math.max(0, Math.min(first.mean.length, Math.ceil((toMs - first.from) / stepMs)));
  const every = steps > 2 * hoursOfDay && stepMs < dayMs ? dayMs / stepMs : 1;
  const times = Array.from({ length: Math.ceil(steps / every) }, (_, place) => first.from + place * every * stepMs);
  return times.reverse();
}

function expectedCell({ unit }: GraphSpec, forecast: ForecastSeries | undefined, ms: number): string {
  const value = forecast === undefined ? undefined : expectedAt(forecast, ms);
  return value === undefined ? "" : expectedText(unit, value);
}

function cellText(spec: GraphSpec, value: number | null | undefined): string {
  if (value === undefined) return "";
  return value === null ? "–" : formatValue(spec.unit, value);
}

function valuesByTime(series: SeriesColumns | undefined): ReadonlyMap<number, number | null> {
  return new Map(series?.time.map((ms, index) => [ms, series.value[index] ?? null]));
}

function resolutions(series: readonly (SeriesColumns | undefined)[]): ReadonlyMap<number, number> {
  return new Map(
    series.flatMap((one) => one?.time.map((ms, index) => [ms, one.resolution_seconds[index] ?? 0] as const) ?? []),
  );
}
