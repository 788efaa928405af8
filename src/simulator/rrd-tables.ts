// Which steps and how many rows each timeframe of rrddata has. Source: PVE::RRD and pmxcfs' status.c of 8 and 9.
import type { Release } from "./entities.ts";

export type Timeframe = "hour" | "day" | "week" | "month" | "year" | "decade";
export interface RrdTable {
  readonly stepS: number;
  readonly rows: number;
}

const nine: Readonly<Record<Timeframe, RrdTable>> = {
  hour: { stepS: 60, rows: 60 },
  day: { stepS: 60, rows: 1440 },
  week: { stepS: 1800, rows: 336 },
  month: { stepS: 1800, rows: 1440 },
  year: { stepS: 21_600, rows: 1440 },
  decade: { stepS: 604_800, rows: 570 },
};
const eight: Readonly<Record<Exclude<Timeframe, "decade">, RrdTable>> = {
  hour: { stepS: 60, rows: 70 },
  day: { stepS: 1800, rows: 70 },
  week: { stepS: 10_800, rows: 70 },
  month: { stepS: 43_200, rows: 70 },
  year: { stepS: 604_800, rows: 70 },
};

export function rrdTable(release: Release, timeframe: Timeframe): RrdTable {
  if (release !== "8.4") return nine[timeframe];
  return eight[timeframe === "decade" ? "year" : timeframe];
}

/** rrdcached writes late: a row appears this long after its interval ended, so that the newest may be missing. */
export const writeDelayS = 12;
