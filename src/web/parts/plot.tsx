// One uPlot chart: lines over time, cursor shared by all charts of the page, drag to zoom, double click to go back.
import { useEffect, useRef } from "preact/hooks";
import UPlot from "uplot";
import { type GraphEvent, groupEvents } from "../graph/events.ts";
import type { GraphUnit } from "../graph/graph-spec.ts";
import { axisTicks, axisTop, formatTick, timeLabels } from "../graph/units.ts";
import { theme } from "../theme.ts";
import { prefersDark } from "./media.ts";

export interface PlotLine {
  /** Number of the colour, from 0. */
  readonly colour: number;
  /** An edge draws nothing itself: it and the edge behind it are the upper and lower end of a band. */
  readonly look: "fine" | "coarse" | "limit" | "forecast" | "edge";
  readonly filled: boolean;
}

interface PlotProps {
  readonly unit: GraphUnit;
  readonly lines: readonly PlotLine[];
  readonly time: readonly number[];
  readonly values: readonly (readonly (number | null | undefined)[])[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Moments at which the resolution changes, marked on the axis. */
  readonly changes: readonly number[];
  /** Where what was measured ends and what is expected begins; null where nothing is. */
  readonly todayMs: number | null;
  /** What happened, marked at the top edge. */
  readonly events: readonly GraphEvent[];
  readonly label: string;
  readonly onCursor: (index: number | null) => void;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onBack: () => void;
}

const height = 170;
const leastZoomPx = 6;

export function Plot(props: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const looks = props.lines.map((line) => `${line.colour}${line.look}${line.filled}`).join();

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const drawn = new UPlot(optionsOf(latest, element), dataOf(latest.current), element);
    plot.current = drawn;
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const back = (): void => latest.current.onBack();
    drawn.over.addEventListener("dblclick", back);
    return () => {
      resized.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [looks]);

  useEffect(() => {
    const drawn = plot.current;
    if (drawn === null) return;
    drawn.batch(() => {
      drawn.setData(dataOf(props), false);
      drawn.setScale("x", { min: props.fromMs / 1000, max: props.toMs / 1000 });
    });
  }, [props.time, props.values, props.fromMs, props.toMs]);

  useEffect(() => plot.current?.redraw(false, false), [props.events, props.todayMs]);

  // Colours are read from the style sheet while drawing.
  const dark = prefersDark.value;
  useEffect(() => plot.current?.redraw(false, true), [theme.value, dark]);

  return <div class="plot" ref={box} role="img" aria-label={props.label} />;
}

const dataOf = ({ time, values }: PlotProps): UPlot.AlignedData => [time, ...values] as UPlot.AlignedData;

const colourOf = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const lineColours = 8;
const lineColour = (number: number): string => colourOf(`--line-${(number % lineColours) + 1}`);

type Latest = { readonly current: PlotProps };

function optionsOf(latest: Latest, element: HTMLElement): UPlot.Options {
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: {
      // Movement is shared; a drag belongs to the chart under the pointer alone.
      sync: {
        key: "time",
        setSeries: false,
        filters: { pub: (type) => type !== "mousedown" && type !== "mouseup", sub: () => true },
      },
      drag: { x: true, y: false, setScale: false, dist: leastZoomPx },
      points: { size: 6 },
      // Double click is ours: back to the range before.
      bind: { dblclick: () => null },
      y: false,
    },
    scales: {
      x: { time: true },
      y: { range: (_plot, _min, max) => [0, axisTop(latest.current.unit, Number.isFinite(max) ? max : 0)] },
    },
    axes: [timeAxis(), valueAxis(latest)],
    series: [{}, ...latest.current.lines.map(seriesOf)],
    bands: bandsOf(latest.current.lines),
    hooks: {
      setCursor: [(plot) => latest.current.onCursor(plot.cursor.idx ?? null)],
      setSelect: [(plot) => zoom(plot, latest)],
      draw: [
        (plot) => drawChanges(plot, latest.current.changes),
        (plot) => drawEvents(plot, latest.current.events),
        (plot) => drawToday(plot, latest.current.todayMs),
      ],
    },
  };
}

const font = '11px Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

function timeAxis(): UPlot.Axis {
  return {
    font,
    size: 26,
    space: 76,
    gap: 6,
    stroke: () => colourOf("--dim"),
    grid: { show: false },
    ticks: { show: false },
    values: (_plot, splits, _axis, _space, step) => [...timeLabels(splits, step)],
  };
}

function valueAxis(latest: Latest): UPlot.Axis {
  return {
    font,
    size: 74,
    gap: 8,
    stroke: () => colourOf("--dim"),
    grid: { stroke: () => colourOf("--line"), width: 1 },
    ticks: { show: false },
    splits: (_plot, _axis, _min, max) => [...axisTicks(latest.current.unit, max)],
    values: (_plot, splits) => splits.map((tick) => formatTick(latest.current.unit, tick)),
  };
}

/** Each band is laid over the wider one before it, and is darker by that. */
function bandsOf(lines: readonly PlotLine[]): UPlot.Band[] {
  const edges = lines.flatMap(({ look, colour }, place) => (look === "edge" ? [{ number: place + 1, colour }] : []));
  return edges.flatMap(({ number: upper, colour }, place) => {
    const lower = edges[place + 1];
    if (place % 2 === 1 || lower === undefined) return [];
    return [{ series: [upper, lower.number] as [number, number], fill: () => `${lineColour(colour)}24` }];
  });
}

function seriesOf({ colour, look, filled }: PlotLine): UPlot.Series {
  if (look === "edge") return { stroke: "transparent", width: 0, points: { show: false } };
  const stroke = look === "limit" ? () => colourOf("--dim") : () => lineColour(colour);
  return {
    stroke,
    width: look === "fine" || look === "forecast" ? 1.5 : 1,
    ...(look === "fine" ? {} : { dash: look === "limit" ? [2, 4] : [5, 4] }),
    ...(filled ? { fill: () => `${lineColour(colour)}1c` } : {}),
    points: look === "limit" || look === "forecast" ? { show: false } : { size: 4, width: 1 },
  };
}

function zoom(plot: UPlot, latest: Latest): void {
  const { left, width } = plot.select;
  if (width < leastZoomPx) return;
  const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  latest.current.onZoom(from * 1000, to * 1000);
}

/** A small upright mark through the plot where points of one resolution end and those of another begin. */
function drawChanges(plot: UPlot, changes: readonly number[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colourOf("--dim");
  ctx.fillStyle = colourOf("--dim");
  ctx.lineWidth = devicePixelRatio;
  for (const moment of changes) {
    const x = Math.round(plot.valToPos(moment / 1000, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const size = 4 * devicePixelRatio;
    const foot = bbox.top + bbox.height;
    ctx.beginPath();
    ctx.moveTo(x - size, foot + size);
    ctx.lineTo(x + size, foot + size);
    ctx.lineTo(x, foot);
    ctx.fill();
  }
  ctx.restore();
}

/** A dotted line where the past ends. */
function drawToday(plot: UPlot, todayMs: number | null): void {
  if (todayMs === null) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(todayMs / 1000, "x", true));
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.strokeStyle = colourOf("--text");
  ctx.fillStyle = colourOf("--dim");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([1 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px Inter, system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  ctx.fillText("now", x + 4 * devicePixelRatio, bbox.top + 11 * devicePixelRatio);
  ctx.restore();
}

const nearPx = 5;
const eventColours = { "": "--dim", warning: "--warn", failed: "--bad" } as const;

/** A small pennant from the top edge for every event; those that would lie on each other are one. */
function drawEvents(plot: UPlot, events: readonly GraphEvent[]): void {
  const { ctx, bbox } = plot;
  const groups = groupEvents(events, (atMs) => plot.valToPos(atMs / 1000, "x", true), nearPx * devicePixelRatio);
  ctx.save();
  for (const { x, level } of groups) {
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const size = 4 * devicePixelRatio;
    ctx.fillStyle = colourOf(eventColours[level]);
    ctx.globalAlpha = 0.25;
    ctx.fillRect(Math.round(x), bbox.top, devicePixelRatio, bbox.height);
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.moveTo(x - size, bbox.top - size);
    ctx.lineTo(x + size, bbox.top - size);
    ctx.lineTo(x, bbox.top + size);
    ctx.fill();
  }
  ctx.restore();
}
