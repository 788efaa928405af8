// The last 24 hours of CPU as a small line: fetched for the rows on screen only, many rows in one request.
import { signal } from "@preact/signals";
import { isAbort } from "../api.ts";
import { fetchSeries, type SeriesColumns } from "../graph/series.ts";

export interface Spark {
  readonly path: string;
  readonly mean: number | null;
}

/** Grows as rows come into view. A new map each time, so that readers notice. */
export const sparks = signal<ReadonlyMap<string, Spark>>(new Map());

const mostIds = 200;
const dayMs = 86_400_000;
const refreshMs = 15 * 60_000;
const settleMs = 120;

const fetchedAt = new Map<string, number>();
const wanted = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks for the sparklines of these entities, unless they are fresh. Scrolling past costs no request. */
export function wantSparks(ids: readonly string[]): void {
  wanted.clear();
  for (const id of ids) if (Date.now() - (fetchedAt.get(id) ?? 0) > refreshMs) wanted.add(id);
  clearTimeout(timer);
  if (wanted.size > 0) timer = setTimeout(fetchWanted, settleMs);
}

/** Another reader, or a server that lost its memory: begin anew. */
export function forgetSparks(): void {
  fetchedAt.clear();
  sparks.value = new Map();
}

function fetchWanted(): void {
  const ids = [...wanted];
  wanted.clear();
  for (let first = 0; first < ids.length; first += mostIds) void fetchSome(ids.slice(first, first + mostIds));
}

async function fetchSome(ids: readonly string[]): Promise<void> {
  for (const id of ids) fetchedAt.set(id, Date.now());
  try {
    const answer = await fetchSeries({ ids, fields: ["cpu_ratio"], from: "-24h", to: "now", step: "15m" });
    const next = new Map(sparks.value);
    for (const series of answer.series) next.set(series.id, sparkOf(series, answer.to - dayMs, answer.to));
    sparks.value = next;
  } catch (error) {
    // A decoration: its absence is no error to show. Rows that come into view again ask again.
    for (const id of ids) fetchedAt.delete(id);
    if (!isAbort(error)) console.debug("sparklines could not be fetched", error);
  }
}

export const sparkWidth = 92;
export const sparkHeight = 18;

/** An SVG path in a box of sparkWidth × sparkHeight; from 0 to the own maximum, but at least 20 %, so that idling stays flat. */
export function sparkOf({ time, value, resolution_seconds }: SeriesColumns, fromMs: number, toMs: number): Spark {
  const present = value.filter((number): number is number => number !== null);
  const top = Math.max(0.2, ...present);
  let path = "";
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const [index, ms] of time.entries()) {
    const number = value[index];
    if (number === null || number === undefined || ms < fromMs) continue;
    const x = ((ms - fromMs) / (toMs - fromMs)) * sparkWidth;
    const y = sparkHeight - 1 - (number / top) * (sparkHeight - 2);
    const joins = ms - lastMs <= 2500 * Math.max(900, resolution_seconds[index] ?? 0);
    path += `${joins ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    lastMs = ms;
  }
  return {
    path,
    mean: present.length === 0 ? null : present.reduce((sum, number) => sum + number, 0) / present.length,
  };
}
