// Holds a store against the oracle: every acknowledged value is the one that a node measured, nothing at or before a
// mark is missing, nothing is there twice, and no rate tells of traffic that was not.
import { expect } from "vitest";
import { type EntityId, parseEntityId } from "../../src/model/ids.ts";
import type { MetricsStore } from "../../src/model/store.ts";
import { exportedMetrics, type Measured, type Oracle, type Values } from "./oracle.ts";

export interface Comparison {
  /** Values that were found and are right. */
  readonly values: number;
  /** Rows that were measured and are held. */
  readonly rows: number;
  readonly wrong: readonly string[];
  /** Measured, at or before the mark of its node, but not held. */
  readonly missing: readonly string[];
}

export interface CompareOptions {
  /** Leaves out what a test has made unknowable, for instance values that were spoilt on the way. */
  readonly mayMiss?: (measured: Measured) => boolean;
}

type Held = ReadonlyMap<string, Values>;
type Reader = Pick<MetricsStore, "range" | "marks">;
const rateNames: Readonly<Record<string, string>> = Object.fromEntries(
  ["net_in", "net_out", "disk_read", "disk_write"].map((stem) => [`${stem}_bytes_per_second`, `${stem}_bytes_total`]),
);
/** A rate bridges no more than five of pvestatd's periods. */
const maxGapMs = 50_000;

export async function compare(store: Reader, oracle: Oracle, options: CompareOptions = {}): Promise<Comparison> {
  oracle.watch();
  const cluster = oracle.ids[0]?.split("/")[0] ?? "";
  const marks = await store.marks(cluster);
  const held = await readAll(store, oracle);
  const wrong = [...held].flatMap(([key, values]) => whatIsWrong(oracle, key, values));
  const due = oracle.all.filter((measured) => isAcknowledged(measured, marks) && options.mayMiss?.(measured) !== true);
  const missing = due.flatMap((measured) => whatIsMissing(held, oracle, measured));
  const values = [...held.values()].reduce((sum, row) => sum + Object.keys(row).length, 0) - wrong.length;
  return { values, rows: held.size, wrong: [...wrong, ...(await twins(store, oracle, held))], missing };
}

/** Fails with the first differences; returns how many values were compared. */
export async function expectTruth(store: Reader, oracle: Oracle, options: CompareOptions = {}): Promise<Comparison> {
  const comparison = await compare(store, oracle, options);
  expect({ wrong: comparison.wrong.slice(0, 5), missing: comparison.missing.slice(0, 5) }).toEqual({
    wrong: [],
    missing: [],
  });
  expect(comparison.values).toBeGreaterThan(100);
  return comparison;
}

const isAcknowledged = ({ node, ts, shared }: Measured, marks: Readonly<Record<string, number>>): boolean =>
  !shared && ts >= (marks[`export-first/${node}`] ?? Number.POSITIVE_INFINITY) && ts <= (marks[`export/${node}`] ?? 0);

async function readAll(store: Reader, oracle: Oracle): Promise<Held> {
  const held = new Map<string, Record<string, number>>();
  for (const [kind, metrics] of Object.entries(exportedMetrics)) {
    const rates =
      kind === "storage" ? [] : Object.keys(rateNames).filter((rate) => kind === "guest" || /net/.test(rate));
    const ids = oracle.ids.filter((id) => parseEntityId(id)?.kind === kind);
    for (const metric of [...metrics, ...rates]) await readOne(store, oracle, ids, metric, held);
  }
  return held;
}

async function readOne(
  store: Reader,
  oracle: Oracle,
  ids: readonly EntityId[],
  metric: string,
  held: Map<string, Record<string, number>>,
): Promise<void> {
  for (let at = 0; at < ids.length; at += 200) {
    const query = { ids: ids.slice(at, at + 200), metric, ...rangeOf(oracle), stepMs: 0, aggregation: "avg" as const };
    for (const { id, timeMs, values, origins } of (await store.range(query)).frames) {
      for (const [index, ts] of timeMs.entries()) {
        const value = values[index];
        const isMeasured = origins[index] === "export" || origins[index] === "push";
        if (!isMeasured || value === null || value === undefined) continue;
        const row = held.get(`${id} ${ts}`) ?? {};
        row[metric] = value;
        held.set(`${id} ${ts}`, row);
      }
    }
  }
}

function whatIsWrong(oracle: Oracle, key: string, values: Values): string[] {
  const [id = "", ts = ""] = key.split(" ");
  const candidates = oracle.at(id, Number(ts));
  if (candidates.length === 0) return [`${key} was measured by nobody`];
  return Object.entries(values).flatMap(([metric, value]) => {
    if (metric in rateNames)
      return isRateTrue(oracle, id, Number(ts), metric, value) ? [] : [`${key} ${metric} ${value}`];
    const right = candidates.map((measured) => measured.values[metric]);
    return right.includes(value) ? [] : [`${key} ${metric} is ${value}, was ${right.join(" or ")}`];
  });
}

/** True when two readings of the counter, or its age, give this rate. */
function isRateTrue(oracle: Oracle, id: EntityId, ts: number, rate: string, value: number): boolean {
  const counter = rateNames[rate] ?? "";
  return oracle.at(id, ts).some((now) => {
    const count = now.values[counter] ?? Number.NaN;
    if (isClose(value, count / (now.values["uptime_seconds"] ?? 0))) return true;
    for (let before = ts - 1_000; before >= ts - maxGapMs; before -= 1_000) {
      for (const base of oracle.at(id, before)) {
        const growth = count - (base.values[counter] ?? Number.NaN);
        if (growth >= 0 && isClose(value, (growth / (ts - before)) * 1000)) return true;
      }
    }
    return false;
  });
}

const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

function whatIsMissing(held: Held, oracle: Oracle, measured: Measured): string[] {
  const key = `${measured.id} ${measured.ts}`;
  const row = held.get(key);
  if (row === undefined) return [`${key} of ${measured.node}`];
  // A node whose clock showed this moment twice is held once.
  if (oracle.at(measured.id, measured.ts).length > 1) return [];
  return Object.keys(measured.values)
    .filter((metric) => !(metric in row))
    .map((metric) => `${key} ${metric}`);
}

/** A row that is stored twice is shown once, but summed up twice. */
async function twins(store: Reader, oracle: Oracle, held: Held): Promise<string[]> {
  const ids = oracle.ids.filter((id) => parseEntityId(id)?.kind === "node");
  const { fromMs, toMs } = rangeOf(oracle);
  const range = { fromMs: Math.floor(fromMs / 60_000) * 60_000, toMs };
  const query = { ids, metric: "uptime_seconds", ...range, stepMs: 60_000, aggregation: "sum" as const };
  const { frames } = await store.range(query);
  const sums = new Map<string, number>();
  for (const [key, values] of held) {
    const [id = "", ts = ""] = key.split(" ");
    const bucket = `${id} ${Math.floor(Number(ts) / 60_000) * 60_000}`;
    sums.set(bucket, (sums.get(bucket) ?? 0) + (values["uptime_seconds"] ?? 0));
  }
  return frames.flatMap(({ id, timeMs, values }) =>
    timeMs.flatMap((time, index) => {
      const sum = values[index] ?? 0;
      const shown = sums.get(`${id} ${time}`) ?? 0;
      return isClose(sum, shown) ? [] : [`${id} ${time}: the sum is ${sum}, but its rows give ${shown}`];
    }),
  );
}

function rangeOf({ all }: Oracle): { readonly fromMs: number; readonly toMs: number } {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = 0;
  for (const { ts } of all) {
    fromMs = Math.min(fromMs, ts);
    toMs = Math.max(toMs, ts);
  }
  return { fromMs, toMs: toMs + 1 };
}
