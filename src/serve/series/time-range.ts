// Times and steps as people and programs write them in a query.
import { InputError } from "../../lib/errors.ts";

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Latest moment that is taken: the year 2200. */
const latestMs = Date.UTC(2200, 0, 1);

/** `now`, `-1h`, `now-7d`, milliseconds since the epoch, or ISO 8601 with a zone (a date alone is midnight UTC). */
export function parseTime(text: string, name: string, nowMs: number): number {
  const ms = readTime(text.trim(), nowMs);
  if (ms === undefined || !(ms >= 0 && ms <= latestMs)) {
    const message = "not a time; use now, -1h, milliseconds since the epoch, or ISO 8601 with a zone";
    throw new InputError(`${name}: ${message}.`, [{ pointer: `/query/${name}`, message }]);
  }
  return ms;
}

function readTime(text: string, nowMs: number): number | undefined {
  if (text === "now") return nowMs;
  const [, amount, unit] = /^(?:now)?-(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (amount !== undefined) return Math.max(0, nowMs - Number(amount) * (unitMs[unit ?? ""] ?? Number.NaN));
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2}))?$/.test(text);
  return iso ? Date.parse(text) : undefined;
}

/** Widths of buckets that people can name, in seconds. */
const niceSteps = [10, 30, 60, 300, 600, 1_800, 3_600, 21_600, 86_400] as const;
const autoPoints = 400;

/** Seconds; the finest nice step with which the range has at most about 400 points. */
export function autoStep(rangeMs: number): number {
  return niceSteps.find((step) => rangeMs / (step * 1_000) <= autoPoints) ?? 86_400;
}

/** Seconds; 0 is raw. */
export function parseStep(text: string, rangeMs: number): number {
  if (text === "auto") return autoStep(rangeMs);
  if (text === "raw") return 0;
  const [, amount, unit = "s"] = /^(\d{1,9})([smhdw])?$/.exec(text.trim()) ?? [];
  const seconds = (Number(amount) * (unitMs[unit] ?? Number.NaN)) / 1_000;
  if (Number.isSafeInteger(seconds)) return seconds;
  const message = "not a step; use auto, raw, or a whole number of seconds such as 60, 10s, 5m, 1h";
  throw new InputError(`step: ${message}.`, [{ pointer: "/query/step", message }]);
}
