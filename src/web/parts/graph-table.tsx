// The points of a graph as a table, newest first.
import { formatMoment, formatResolution } from "../format.ts";
import type { GraphSpec } from "../graph/graph-spec.ts";
import type { SeriesColumns } from "../graph/series.ts";
import { formatValue } from "../graph/units.ts";

const mostRows = 500;

interface GraphTableProps {
  readonly spec: GraphSpec;
  readonly series: readonly (SeriesColumns | undefined)[];
}

export function GraphTable({ spec, series }: GraphTableProps) {
  const columns = spec.lines
    .map((line, number) => ({ line, values: valuesByTime(series[number]) }))
    .filter(({ values }) => values.size > 0);
  const times = [...new Set(columns.flatMap(({ values }) => [...values.keys()]))].sort((a, b) => b - a);
  const resolution = resolutions(series);
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
