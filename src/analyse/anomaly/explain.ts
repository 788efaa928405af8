// One sentence for people about one anomaly.
import type { NewEvent } from "../../model/event.ts";
import { eventsNear } from "./near-events.ts";
import type { Anomaly } from "./scan.ts";
import type { Reason } from "./verdict.ts";

export interface NamedSeries {
  /** "CPU of web-1 (demo/guest/104~1)" */
  readonly name: string;
  /** A value with its unit, as people read it. */
  readonly format: (value: number) => string;
}

const eventsNamed = 3;

const what: Readonly<Record<Reason, (value: string, window: string) => string>> = {
  value: (value, window) => `was ${value} ${window}`,
  jump: (value, window) => `jumped to ${value} ${window}`,
  level: (value, window) => `was away from its usual level ${window}, last ${value}`,
  still: (value, window) => `hardly moved ${window}, last ${value}`,
  restless: (value, window) => `moved more than ever ${window}, last ${value}`,
};

/** Names the series, the window, the value, the expected range, and what happened within ten minutes of it. */
export function explainAnomaly(anomaly: Anomaly, series: NamedSeries, events: readonly NewEvent[]): string {
  const { reason, value, low, high, fromMs, atMs } = anomaly;
  const seen = what[reason](series.format(value), windowWords(fromMs, atMs));
  const range = `${series.format(low)} to ${series.format(high)} was to be expected`;
  return `${series.name} ${seen}, where ${range}; ${whatHappened(anomaly, events)}.`;
}

/** The three nearest events within ten minutes of a stretch, in words. */
export function whatHappened(
  stretch: { readonly fromMs: number; readonly atMs: number },
  events: readonly NewEvent[],
): string {
  const near = eventsNear(stretch, events);
  if (near.length === 0) return "nothing is on record within 10 minutes of it";
  const named = near.slice(0, eventsNamed).map(({ text, at, state }) => `${text} (${clock(at)}, ${state})`);
  const more = near.length > eventsNamed ? ` and ${near.length - eventsNamed} more` : "";
  return `within 10 minutes of it: ${named.join("; ")}${more}`;
}

export function windowWords(fromMs: number, atMs: number): string {
  if (fromMs === atMs) return `at ${moment(atMs)} UTC`;
  const sameDay = moment(fromMs).slice(0, 10) === moment(atMs).slice(0, 10);
  return `from ${moment(fromMs)} to ${sameDay ? clock(atMs) : moment(atMs)} UTC`;
}

export const moment = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16).replace("T", " ");
const clock = (atMs: number): string => moment(atMs).slice(11);
