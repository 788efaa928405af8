// How findings say numbers: the units that Proxmox VE's page uses, dates as days.
import { dayMs } from "./numbers/points.ts";

export { preciseBytes as bytesInWords } from "../../model/byte-words.ts";

export const dateInWords = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** "3 days", "1 day", "less than a day". */
export function daysInWords(ms: number): string {
  const days = Math.floor(ms / dayMs);
  return days < 1 ? "less than a day" : `${days} ${days === 1 ? "day" : "days"}`;
}

/** "41–60 days", "12 days", "41 days or more" where the late end is not known. */
export function rangeInWords(earlyMs: number, lateMs: number | null): string {
  const early = Math.max(0, Math.floor(earlyMs / dayMs));
  if (lateMs === null) return `${early} days or more`;
  const late = Math.max(early, Math.ceil(lateMs / dayMs));
  return late - early < 2 ? daysInWords(lateMs) : `${early}–${late} days`;
}

export const percentInWords = (part: number): string => {
  const percent = part * 100;
  return `${percent >= 10 || percent === 0 ? Math.floor(percent) : percent.toFixed(1)} %`;
};

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** "once", "3 times". */
export const timesInWords = (count: number): string => (count === 1 ? "once" : `${count} times`);
