// The graphs of a page under one time range, which stands in the address.
import { useMemo, useRef } from "preact/hooks";
import { now } from "../clock.ts";
import { type EventItem, type GraphEvent, graphEvent } from "../graph/events.ts";
import { forecastsShown, toggleForecasts } from "../graph/forecast-choice.ts";
import { type Lookahead, lookaheadOf } from "../graph/forecast-lines.ts";
import type { GraphLine, GraphSpec } from "../graph/graph-spec.ts";
import { parseRange, printRange, spanOf } from "../graph/range.ts";
import { type Forecasts, useForecasts } from "../graph/use-forecasts.ts";
import { useGraphs } from "../graph/use-graphs.ts";
import { back, pushQuery, query } from "../location.ts";
import { type GraphAhead, type GraphData, GraphPanel } from "./graph-panel.tsx";
import { Failed } from "./notice.tsx";
import { RangePicker } from "./range-picker.tsx";

interface GraphsSectionProps {
  readonly specs: readonly GraphSpec[];
  readonly period: number;
  /** What happened in the range; null until it is known. */
  readonly events: readonly EventItem[] | null;
}

export function GraphsSection({ specs, period, events }: GraphsSectionProps) {
  const marks = useMemo(() => (events ?? []).map(graphEvent), [events]);
  const range = parseRange(query.value);
  const { data, error, retry } = useGraphs(specs, range, period);
  const isShown = forecastsShown.value;
  const lookahead = isShown ? lookaheadOf(range, now.peek()) : null;
  const lines = useMemo(() => (lookahead === null ? [] : forecastable(specs, data)), [specs, data, lookahead === null]);
  const forecasts = useForecasts(lines, lookahead?.outlook ?? "month");
  const zooms = useRef(0);
  const span = spanOf(range, now.peek());
  const zoom = (fromMs: number, toMs: number): void => {
    zooms.current += 1;
    pushQuery(printRange({ preset: null, fromMs, toMs }));
  };
  const zoomOut = (): void => {
    if (zooms.current > 0) {
      zooms.current -= 1;
      back();
    } else if (range.preset === null) pushQuery(printRange({ preset: "day" }));
  };
  return (
    <section aria-label="Graphs">
      <div class="graph-tools">
        <RangePicker range={range} fromMs={span.fromMs} toMs={span.toMs} />
        <button
          type="button"
          class="toggle"
          aria-pressed={isShown}
          title="How the lines go on, with the bands that hold 80 % and 95 % (key f)"
          onClick={toggleForecasts}
        >
          Forecast
        </button>
        {isShown && <ForecastState lookahead={lookahead} wanted={lines.length} forecasts={forecasts} />}
        <span class="dim hint">drag to zoom, double click to go back</span>
        {data !== null && error !== null && (
          <span class="graph-error" role="status">
            not up to date: {error}{" "}
            <button type="button" class="plain" onClick={retry}>
              try now
            </button>
          </span>
        )}
      </div>
      {data === null && error !== null && <Failed what="The graphs" message={error} retry={retry} />}
      {!(data === null && error !== null) && (
        <div class="graphs">
          {specs.map((spec) => (
            <OneGraph
              key={spec.key}
              spec={spec}
              data={data?.get(spec.key)}
              ahead={lookahead === null ? null : { aheadMs: lookahead.aheadMs, found: forecasts.found }}
              events={marks}
              zoom={zoom}
              zoomOut={zoomOut}
            />
          ))}
        </div>
      )}
    </section>
  );
}

/** Lines that were measured; a limit is set by hand and goes on as it is. */
const forecastable = (specs: readonly GraphSpec[], data: ReadonlyMap<string, GraphData> | null): readonly GraphLine[] =>
  specs.flatMap((spec) =>
    spec.lines.filter(
      (line, number) =>
        line.limit !== true && (data?.get(spec.key)?.series[number]?.value.some((value) => value !== null) ?? false),
    ),
  );

interface ForecastStateProps {
  readonly lookahead: Lookahead | null;
  readonly wanted: number;
  readonly forecasts: Forecasts;
}

function ForecastState({ lookahead, wanted, forecasts: { found, error } }: ForecastStateProps) {
  const words =
    lookahead === null
      ? "no forecast: the range ends in the past"
      : error !== null
        ? `no forecast: ${error}`
        : found.size < wanted
          ? `forecasts: ${found.size} of ${wanted}`
          : "";
  return (
    <span class="dim hint" role="status">
      {words}
    </span>
  );
}

interface OneGraphProps {
  readonly spec: GraphSpec;
  readonly data: GraphData | undefined;
  readonly ahead: GraphAhead | null;
  readonly events: readonly GraphEvent[];
  readonly zoom: (fromMs: number, toMs: number) => void;
  readonly zoomOut: () => void;
}

function OneGraph({ spec, data, ahead, events, zoom, zoomOut }: OneGraphProps) {
  if (data === undefined) return spec.optional === true ? null : <LoadingGraph title={spec.title} />;
  if (spec.optional === true && !hasCurve(spec, data)) return null;
  return <GraphPanel spec={spec} data={data} ahead={ahead} events={events} onZoom={zoom} onBack={zoomOut} />;
}

const hasCurve = (spec: GraphSpec, data: GraphData): boolean =>
  spec.lines.some(
    (line, number) => line.limit !== true && (data.series[number]?.value.some((value) => value !== null) ?? false),
  );

/** As high as the graph will be, so that nothing jumps. */
function LoadingGraph({ title }: { readonly title: string }) {
  return (
    <section class="panel graph" aria-label={title} aria-busy="true">
      <header>
        <h2>{title}</h2>
      </header>
      <div class="plot-space">
        <p class="notice loading">Loading…</p>
      </div>
      <p class="resolution" />
    </section>
  );
}
