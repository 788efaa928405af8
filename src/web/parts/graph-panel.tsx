// A graph with what belongs to it: readout, resolution in words, a table of the same points, a summary for screen readers.
import { useMemo, useState } from "preact/hooks";
import { formatClockSeconds, formatMoment, formatWhen } from "../format.ts";
import type { GraphEvent } from "../graph/events.ts";
import {
  expectedAt,
  expectedText,
  forecastLines,
  forecastSentence,
  forecastWords,
  type LabelledForecast,
  shownBands,
} from "../graph/forecast-lines.ts";
import { aligned, drawnSeries, type Line, resolutionChanges, summaryOf } from "../graph/graph-data.ts";
import type { GraphSpec } from "../graph/graph-spec.ts";
import { resolutionWords } from "../graph/resolution-words.ts";
import type { SeriesColumns } from "../graph/series.ts";
import { formatValue } from "../graph/units.ts";
import { type ForecastSeries, lineKey } from "../graph/use-forecasts.ts";
import { periodSeconds } from "../live/live.ts";
import { query, setQuery } from "../location.ts";
import { EventLine } from "./event-line.tsx";
import { GraphTable } from "./graph-table.tsx";
import { Empty } from "./notice.tsx";
import { lineColours, Plot, type PlotLine } from "./plot.tsx";

export interface GraphData {
  readonly stepSeconds: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** By line of the specification; undefined where nothing is stored. */
  readonly series: readonly (SeriesColumns | undefined)[];
}

/** What is expected after now. */
export interface GraphAhead {
  readonly aheadMs: number;
  /** By lineKey. */
  readonly found: ReadonlyMap<string, ForecastSeries>;
}

interface GraphPanelProps {
  readonly spec: GraphSpec;
  readonly data: GraphData;
  /** null while nobody asks for it. */
  readonly ahead: GraphAhead | null;
  readonly events: readonly GraphEvent[];
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onBack: () => void;
}

interface Drawn {
  readonly lines: readonly PlotLine[];
  readonly time: readonly number[];
  readonly values: readonly (readonly (number | null | undefined)[])[];
  readonly changes: readonly number[];
  readonly words: string;
  readonly summary: string;
}

export function GraphPanel({ spec, data, ahead, events, onZoom, onBack }: GraphPanelProps) {
  const [cursor, setCursor] = useState<number | null>(null);
  const forecasts = useMemo(() => forecastsOf(spec, ahead), [spec, ahead?.found]);
  const toMs = data.toMs + (forecasts.some(({ state }) => state === "forecast") ? (ahead?.aheadMs ?? 0) : 0);
  const drawn = useMemo(
    () => draw(spec, data, periodSeconds.peek(), { forecasts, toMs }),
    [spec, data, forecasts, toMs],
  );
  const asTable = (query.value.get("table") ?? "").split(",").includes(spec.key);
  const within = useMemo(
    () => events.filter(({ atMs }) => atMs >= data.fromMs && atMs <= data.toMs),
    [events, data.fromMs, data.toMs],
  );
  const cursorMs = cursor === null ? null : (drawn.time[cursor] ?? 0) * 1000;
  const empty = drawn.time.length === 0;
  return (
    <section class="panel graph" aria-label={spec.title}>
      <header>
        <h2>{spec.title}</h2>
        <Readout spec={spec} data={data} forecasts={forecasts} atMs={cursorMs} />
        <button type="button" class="plain" aria-pressed={asTable} onClick={() => toggleTable(spec.key)}>
          table
        </button>
      </header>
      {empty && <Empty>{emptyWords(data)}</Empty>}
      {!empty && asTable && <GraphTable spec={spec} series={data.series} forecasts={forecasts} toMs={toMs} />}
      {!empty && !asTable && (
        <Plot
          unit={spec.unit}
          lines={drawn.lines}
          time={drawn.time}
          values={drawn.values}
          fromMs={data.fromMs}
          toMs={toMs}
          todayMs={toMs > data.toMs ? data.toMs : null}
          changes={drawn.changes}
          events={within}
          label={drawn.summary}
          onCursor={setCursor}
          onZoom={onZoom}
          onBack={onBack}
        />
      )}
      {!empty && !asTable && <EventLine events={within} fromMs={data.fromMs} toMs={data.toMs} atMs={cursorMs} />}
      <p class="resolution">{[drawn.words, spec.note ?? ""].filter((part) => part !== "").join(" · ")}</p>
      {forecasts.length > 0 && <p class="resolution">{forecastWords(labelled(spec, forecasts))}</p>}
    </section>
  );
}

function toggleTable(key: string): void {
  const open = new Set((query.peek().get("table") ?? "").split(",").filter((name) => name !== ""));
  if (!open.delete(key)) open.add(key);
  setQuery({ table: open.size === 0 ? null : [...open].join(",") });
}

const emptyWords = ({ fromMs, toMs }: GraphData): string =>
  toMs > Date.now() - 60_000
    ? `Nothing was measured since ${formatMoment(fromMs)}. Choose a longer range, or wait for the next sample (within ${periodSeconds.value} s).`
    : "Nothing was measured in this range.";

/** In the order of the lines; lines that have none yet, and limits, are left out. */
const forecastsOf = ({ lines }: GraphSpec, ahead: GraphAhead | null): readonly ForecastSeries[] =>
  lines.flatMap((line) => (line.limit === true ? [] : (ahead?.found.get(lineKey(line)) ?? [])));

const labelled = ({ lines }: GraphSpec, forecasts: readonly ForecastSeries[]): readonly LabelledForecast[] => {
  const measured = lines.filter((line) => line.limit !== true);
  return forecasts.map((forecast) => ({
    forecast,
    label: measured.length > 1 ? (measured.find((line) => lineKey(line) === lineKey(forecast))?.label ?? "") : "",
  }));
};

interface DrawnAhead {
  readonly forecasts: readonly ForecastSeries[];
  readonly toMs: number;
}

/** Bands first, the widest before the others: lines are drawn upon them. */
function drawAhead(spec: GraphSpec, { series }: GraphData, { forecasts, toMs }: DrawnAhead) {
  const given = forecasts.filter(({ state }) => state === "forecast");
  const highest = Math.max(0, ...series.flatMap((one) => one?.value.map((value) => value ?? 0) ?? []));
  const lines: PlotLine[] = [];
  const columns: Line[] = [];
  for (const forecast of given) {
    const colour = spec.lines.findIndex((line) => lineKey(line) === lineKey(forecast));
    const { mean, bands } = forecastLines(forecast, toMs, highest);
    for (const ends of shownBands(bands, given.length).toReversed())
      for (const end of ends) {
        lines.push({ colour, look: "edge", filled: false });
        columns.push(end);
      }
    lines.push({ colour, look: "forecast", filled: false });
    columns.push(mean);
  }
  return { lines, columns };
}

function draw(spec: GraphSpec, data: GraphData, sampleSeconds: number, ahead: DrawnAhead): Drawn {
  const { stepSeconds, series } = data;
  const { lines, columns } = drawAhead(spec, data, ahead);
  const stretches = [];
  for (const [number, one] of series.entries()) {
    if (one === undefined || one.time.length === 0) continue;
    const limit = spec.lines[number]?.limit === true;
    const parts = drawnSeries(one, stepSeconds);
    if (!limit) stretches.push(parts.stretches);
    const single =
      series.length === 1 || (number === 0 && series.length <= 3 && spec.lines.some((line) => line.limit === true));
    lines.push({ colour: number, look: limit ? "limit" : "fine", filled: single && !limit });
    columns.push(limit ? { time: one.time.map((ms) => ms / 1000), value: one.value } : parts.fine);
    if (limit || parts.coarse.time.length === 0) continue;
    lines.push({ colour: number, look: "coarse", filled: false });
    columns.push(parts.coarse);
  }
  const words = resolutionWords(
    stretches[0] ?? [],
    series.find((one) => one !== undefined)?.agg ?? "avg",
    sampleSeconds,
  );
  return {
    lines,
    ...aligned(columns),
    changes: resolutionChanges(stretches),
    words,
    summary: summaryWords(spec, series, ahead),
  };
}

/** The graph in a sentence per line, for those who do not see it. */
function summaryWords(spec: GraphSpec, series: GraphData["series"], { forecasts, toMs }: DrawnAhead): string {
  const sentences = series.flatMap((one, number) => {
    const summary = one === undefined ? null : summaryOf(one);
    if (summary === null) return [];
    const value = (amount: number): string => formatValue(spec.unit, amount);
    const label = spec.lines[number]?.label ?? "";
    return [
      `${label}: ${value(summary.last)} at ${formatMoment(summary.lastMs)}, lowest ${value(summary.lowest)}, mean ${value(summary.mean)}, highest ${value(summary.highest)} at ${formatMoment(summary.highestMs)}`,
    ];
  });
  const expected = labelled(spec, forecasts).map((each) => forecastSentence(spec.unit, each, toMs));
  return `${spec.title}. ${[...sentences, ...expected].join(". ")}`;
}

interface ReadoutProps {
  readonly spec: GraphSpec;
  readonly data: GraphData;
  readonly forecasts: readonly ForecastSeries[];
  readonly atMs: number | null;
}

/** The values under the cursor, or the newest ones; it is the legend as well. */
function Readout({ spec, data, forecasts, atMs }: ReadoutProps) {
  return (
    <span class="readout">
      <span class="dim at">
        {atMs === null ? "" : data.stepSeconds >= 60 ? formatWhen(atMs, data.toMs) : formatClockSeconds(atMs)}
      </span>
      {spec.lines.map((line, number) => {
        const series = data.series[number];
        if (series === undefined || series.time.length === 0) return null;
        const value = atMs === null ? newest(series) : nearest(series, atMs, data.stepSeconds);
        const forecast = forecasts.find((one) => lineKey(one) === lineKey(line));
        const expected =
          value !== null || atMs === null || forecast === undefined ? undefined : expectedAt(forecast, atMs);
        return (
          <span key={line.id + line.field} class="entry">
            <span
              class={`swatch ${line.limit === true ? "limit" : `line-${(number % lineColours) + 1}`}`}
              aria-hidden="true"
            />
            <span class="dim">{line.label}</span>{" "}
            <span class="value">
              {expected !== undefined
                ? expectedText(spec.unit, expected)
                : value === null
                  ? "–"
                  : formatValue(spec.unit, value)}
            </span>
          </span>
        );
      })}
    </span>
  );
}

const newest = ({ value }: SeriesColumns): number | null => value.findLast((one) => one !== null) ?? null;

/** The point that stands for a moment: the nearest one, unless it is further away than what it stands for. */
function nearest({ time, value, resolution_seconds }: SeriesColumns, atMs: number, stepSeconds: number): number | null {
  let low = 0;
  let high = time.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((time[middle] ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  const distance = (index: number): number => Math.abs((time[index] ?? Number.POSITIVE_INFINITY) - atMs);
  const index = low > 0 && distance(low - 1) < distance(low) ? low - 1 : low;
  const reachMs = 1500 * Math.max(stepSeconds, resolution_seconds[index] ?? 0, 1);
  return distance(index) <= reachMs ? (value[index] ?? null) : null;
}
