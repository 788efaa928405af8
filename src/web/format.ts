// Numbers, sizes, durations and times as people read them. IEC units (1 KiB = 1024 B), rates per second, local time.

import { formatBytes } from "../model/byte-words.ts";

export { formatBytes } from "../model/byte-words.ts";

export const formatRate = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

/** `21 of 40.0 TiB`: the unit is said once when both share it. */
export function formatBytesOf(used: number, total: number): string {
  const [usedText, totalText] = [formatBytes(used), formatBytes(total)];
  const [usedNumber = "", usedUnit = ""] = usedText.split(" ");
  return totalText.endsWith(` ${usedUnit}`) ? `${usedNumber} of ${totalText}` : `${usedText} of ${totalText}`;
}

/** A share as whole percent, `58%`. What is above nothing but rounds to it says so. */
export function formatRatio(ratio: number): string {
  if (ratio > 0 && ratio < 0.005) return "<1%";
  return `${Math.round(ratio * 100)}%`;
}

/** A share with one decimal, for readouts. */
export const formatRatioFine = (ratio: number): string => `${(ratio * 100).toFixed(1)}%`;

/** One unit, floored: `4 s`, `12 min`, `3 h`, `5 d`. Ages below zero (a clock ahead of ours) read as 0. */
export function formatAge(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < 5400) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** Two units: `12 d 3 h`, `3 h 12 min`, `4 min 10 s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes > 0) return whole % 60 > 0 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  return `${whole} s`;
}

const clockTime = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockTimeSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const monthYear = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric" });

export const formatClock = (ms: number): string => clockTime.format(ms);
export const formatClockSeconds = (ms: number): string => clockTimeSeconds.format(ms);
export const formatDay = (ms: number): string => dayMonth.format(ms);
/** `22 Nov 2026`. */
export const formatDate = (ms: number): string => dayMonthYear.format(ms);
export const formatMonth = (ms: number): string => monthYear.format(ms);

/** `22 Nov 2026 14:05:10`. */
export const formatMoment = (ms: number): string => `${dayMonthYear.format(ms)} ${clockTimeSeconds.format(ms)}`;

/** The time alone when it lies within the last day, otherwise with its day. */
export function formatWhen(ms: number, nowMs: number): string {
  return Math.abs(nowMs - ms) < 86_400_000 / 2 ? formatClock(ms) : `${formatDay(ms)} ${formatClock(ms)}`;
}

/** `10 s`, `5-minute`, `30-minute`, `1-hour`, `1-day`: a resolution before the word it qualifies. */
export function formatResolution(seconds: number): string {
  const units = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ] as const;
  for (const [size, word] of units) if (seconds >= size && seconds % size === 0) return `${seconds / size}-${word}`;
  return `${Math.round(seconds)} s`;
}

export const formatCount = (count: number): string => count.toLocaleString("en-GB", { maximumFractionDigits: 1 });

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
