// The sentences about what is no single row: flat lines, missing data, level shifts.
import type { NewEvent } from "../../model/event.ts";
import { moment, type NamedSeries, whatHappened, windowWords } from "./explain.ts";

const dayMs = 86_400_000;

interface Stretch {
  readonly fromMs: number;
  readonly atMs: number;
}

export function explainFlatLine(
  { fromMs, atMs, value }: Stretch & { readonly value: number },
  { name, format }: NamedSeries,
  events: readonly NewEvent[],
): string {
  const began = { fromMs, atMs: fromMs };
  const stood = `stood still at ${format(value)} ${windowWords(fromMs, atMs)}, where it moves from row to row as a rule`;
  return `${name} ${stood}; ${whatHappened(began, events)}.`;
}

export function explainGap({ fromMs, atMs }: Stretch, name: string, events: readonly NewEvent[]): string {
  const missing = `has not been measured ${windowWords(fromMs, atMs)}, although its node answers`;
  return `${name} ${missing}; ${whatHappened({ fromMs, atMs: fromMs }, events)}.`;
}

/** `before` and `after`: mean of the days compared. What happened on the first day is named, within ten minutes of it. */
export function explainShift(
  { fromMs, before, after }: { readonly fromMs: number; readonly before: number; readonly after: number },
  { name, format }: NamedSeries,
  events: readonly NewEvent[],
): string {
  const changed = `has had a new level since ${moment(fromMs).slice(0, 10)}: ${format(after)} a day on average`;
  const happened = whatHappened({ fromMs, atMs: fromMs + dayMs }, events);
  return `${name} ${changed}, after ${format(before)} on the same weekdays before; ${happened}.`;
}
