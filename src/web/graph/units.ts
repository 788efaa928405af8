// Values and axis steps of a graph in its unit. Byte axes step by powers of 1024, so that their labels are round.
import {
  formatBytes,
  formatClock,
  formatClockSeconds,
  formatCount,
  formatDay,
  formatMonth,
  formatRate,
  formatRatioFine,
} from "../format.ts";
import type { GraphUnit } from "./graph-spec.ts";

export function formatValue(unit: GraphUnit, value: number): string {
  switch (unit) {
    case "ratio":
      return formatRatioFine(value);
    case "bytes":
      return formatBytes(value);
    case "bytes_per_second":
      return formatRate(value);
    case "percent":
      return `${value.toFixed(1)}%`;
    case "number":
      return value.toFixed(Number.isInteger(value) ? 0 : 2);
  }
}

export function formatTick(unit: GraphUnit, value: number): string {
  if (unit === "ratio") return `${Number((value * 100).toFixed(2))}%`;
  if (unit === "percent") return `${Number(value.toFixed(2))}%`;
  if (unit === "number") return formatCount(value);
  const text = value === 0 ? "0" : formatBytes(value).replace(".0 ", " ");
  return value !== 0 && unit === "bytes_per_second" ? `${text}/s` : text;
}

const decimalSteps = [1, 2, 2.5, 5];
const binarySteps = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** The next round step at or above `least`. */
export function axisStep(unit: GraphUnit, least: number): number {
  if (unit !== "bytes" && unit !== "bytes_per_second") return roundStep(least, 10, decimalSteps);
  return Math.max(1, roundStep(least, 1024, binarySteps));
}

function roundStep(least: number, base: number, steps: readonly number[]): number {
  const power = base ** Math.floor(Math.log(Math.max(least, 1e-12)) / Math.log(base) + 1e-9);
  return (steps.find((step) => step * power >= least * (1 - 1e-9)) ?? base) * power;
}

/** The top of an axis that begins at 0: the round step at or above the largest value, and never so low that noise looks like a mountain. */
export function axisTop(unit: GraphUnit, highest: number): number {
  const least: Readonly<Record<GraphUnit, number>> = {
    ratio: 0.1,
    percent: 5,
    bytes: 1024,
    bytes_per_second: 1024,
    number: 1,
  };
  const wanted = Math.max(highest, least[unit]);
  const step = axisStep(unit, wanted / 4);
  return Math.ceil(wanted / step - 1e-9) * step;
}

export function axisTicks(unit: GraphUnit, top: number): readonly number[] {
  const step = axisStep(unit, top / 4);
  const ticks: number[] = [];
  for (let tick = 0; tick <= top * 1.0001; tick += step) ticks.push(tick);
  return ticks;
}

/** Labels of the time axis: clock times within days, the day at midnight, months over years. */
export function timeLabels(seconds: readonly number[], stepSeconds: number): readonly string[] {
  return seconds.map((second) => {
    const ms = second * 1000;
    const at = new Date(ms);
    const midnight = at.getHours() === 0 && at.getMinutes() === 0;
    if (stepSeconds >= 28 * 86_400) return formatMonth(ms);
    if (stepSeconds >= 86_400 || midnight) return formatDay(ms);
    return stepSeconds < 60 ? formatClockSeconds(ms) : formatClock(ms);
  });
}
