// Puts slices of time together into days, and days into months. What is in a period stays as it is: a slice only adds.
import type { CostLine, CostPeriod, CostUse, SharedLine } from "../../model/cost-ledger.ts";
import type { CostSlice } from "./engine.ts";

type Parts = Readonly<Record<string, CostUse>>;

/** Slices follow each other in time and are of one currency; lines of the same guest, owner, tags and place are one. */
export function mergeSlices(slices: readonly [CostSlice, ...CostSlice[]]): CostSlice {
  const [first] = slices;
  const last = slices.at(-1) ?? first;
  return {
    currency: last.currency,
    fromMs: first.fromMs,
    toMs: last.toMs,
    hours: sumOf(slices, ({ hours }) => hours),
    estimated: slices.some(({ estimated }) => estimated),
    tariffs: [...new Set(slices.flatMap(({ tariffs }) => tariffs))],
    totalMicros: sumOf(slices, ({ totalMicros }) => totalMicros),
    guests: mergedLines(slices.flatMap(({ guests }) => guests)),
    idle: slices.map(({ idle }) => idle).reduce(addParts),
    idleShare: last.idleShare,
    shared: mergedShared(slices.flatMap(({ shared }) => shared)),
    energyKwh: energyOf(slices),
  };
}

/** The running day with what was computed since. */
export function appendSlice(day: CostPeriod, slice: CostSlice): CostPeriod {
  return { ...mergeSlices([day, slice]), period: day.period, state: day.state };
}

/** A closed month from its closed days. */
export function closeMonth(month: string, days: readonly [CostPeriod, ...CostPeriod[]]): CostPeriod {
  return {
    ...mergeSlices(days),
    period: month,
    state: "closed",
    days: days.map(({ period, totalMicros, idle }) => ({ period, totalMicros, idleMicros: microsOf(idle) })),
  };
}

export const microsOf = (parts: Parts): number => sumOf(Object.values(parts), ({ micros }) => micros);

function mergedLines(lines: readonly CostLine[]): CostLine[] {
  const merged = new Map<string, CostLine>();
  for (const line of lines) {
    const key = dimensionsOf(line);
    const held = merged.get(key);
    merged.set(key, held === undefined ? line : addLine(held, line));
  }
  return [...merged.values()];
}

/** Everything but the numbers: what of it changes begins a line of its own. */
const dimensionsOf = (line: CostLine): string =>
  JSON.stringify([line.id, line.name, line.node, line.pool, line.tags, line.owner, line.environment, line.compliant]);

const addLine = (held: CostLine, line: CostLine): CostLine => ({
  ...held,
  hours: tidy(held.hours + line.hours),
  estimatedHours: tidy(held.estimatedHours + line.estimatedHours),
  use: addParts(held.use, line.use),
});

function addParts(a: Parts, b: Parts): Parts {
  const sum: Record<string, CostUse> = { ...a };
  for (const [resource, use] of Object.entries(b)) {
    const held = sum[resource];
    sum[resource] = held === undefined ? use : addUse(held, use);
  }
  return sum;
}

const addUse = (a: CostUse, b: CostUse): CostUse => ({
  quantity: tidy(a.quantity + b.quantity),
  used: a.used === null ? b.used : tidy(a.used + (b.used ?? 0)),
  micros: a.micros + b.micros,
});

function mergedShared(lines: readonly SharedLine[]): SharedLine[] {
  const merged = new Map<string, SharedLine>();
  for (const line of lines) {
    const key = `${line.split}\n${line.name}`;
    const held = merged.get(key);
    merged.set(key, held === undefined ? line : { ...held, micros: held.micros + line.micros });
  }
  return [...merged.values()];
}

function energyOf(slices: readonly CostSlice[]): number | null {
  const known = slices.flatMap(({ energyKwh }) => (energyKwh === null ? [] : [energyKwh]));
  return known.length === 0 ? null : tidy(known.reduce((sum, kwh) => sum + kwh, 0));
}

/** Six digits: sums of binary fractions would make documents longer with every merge. */
const tidy = (value: number): number => Number(value.toFixed(6));

function sumOf<Item>(items: readonly Item[], amountOf: (item: Item) => number): number {
  let sum = 0;
  for (const item of items) sum += amountOf(item);
  return sum;
}
