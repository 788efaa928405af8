// Puts the rows of blocks into the tables of their tiers, as columns, and notes the windows that have to be rolled up.
import type { Block } from "../../../model/batch.ts";
import type { EntityKind } from "../../../model/ids.ts";
import type { Tier } from "../../../model/store.ts";
import {
  imported,
  isRrd,
  rrdMax,
  sketchWindowMs,
  tierOfStep,
  type WindowTier,
  weightOf,
  windowMs,
} from "../../tiers.ts";
import type { TableWriter } from "./table-writer.ts";

export interface Dictionaries {
  /** The number of a series or node; a new one gets its number here. */
  sid(id: string, kind: EntityKind, ts: number): number;
  node(name: string): number;
}

export type NoteDirty = (kind: EntityKind, tier: WindowTier, beginMs: number) => void;

interface Run {
  readonly block: Block;
  readonly writer: TableWriter;
  readonly sids: Int32Array;
  readonly nodes: Int32Array;
}

/** Appends a block to the tables of its tiers. */
export function appendBlock(
  block: Block,
  writers: ReadonlyMap<Tier, TableWriter>,
  dictionaries: Dictionaries,
  noteDirty: NoteDirty,
): void {
  const sids = sidsOf(block, dictionaries);
  const nodes = Int32Array.from(["", ...block.nodes], (name) => (name === "" ? 0 : dictionaries.node(name)));
  for (const { tier, from, to } of runsOf(block)) {
    const writer = writers.get(tier);
    if (writer === undefined) throw new TypeError(`no table is open for ${block.kind} ${tier}`);
    const run = { block, writer, sids, nodes };
    if (tier === "raw") appendRaw(run, from, to);
    else appendRollup(run, from, to);
    if (tier !== "1h") noteWindows(block, tier, from, to, noteDirty);
  }
}

/** The tiers that a block has rows for. */
export const tiersOf = (block: Block): ReadonlySet<Tier> => new Set([...runsOf(block)].map(({ tier }) => tier));

/** Numbers by dictionary index, with the newest time of each series noted on the way. */
function sidsOf(block: Block, dictionaries: Dictionaries): Int32Array {
  const newest = new Float64Array(block.ids.length);
  for (let row = 0; row < block.length; row++) {
    const index = block.idIndex[row] ?? 0;
    newest[index] = Math.max(newest[index] ?? 0, block.ts[row] ?? 0);
  }
  return Int32Array.from(block.ids, (id, index) => dictionaries.sid(id, block.kind, newest[index] ?? 0));
}

/** Stretches of rows that go into one tier. */
function* runsOf(block: Block): Generator<{ tier: Tier; from: number; to: number }> {
  for (let from = 0; from < block.length; ) {
    const tier = tierOfStep(block.stepS[from] ?? 0);
    let to = from + 1;
    while (to < block.length && tierOfStep(block.stepS[to] ?? 0) === tier) to++;
    yield { tier, from, to };
    from = to;
  }
}

function appendRaw(run: Run, first: number, end: number): void {
  const { block, writer, nodes } = run;
  const node = writer.column("node");
  writer.append(end - first, (at, from, length) => {
    fillFixed(run, at, first + from, length);
    for (let i = 0; i < length && node !== undefined; i++) {
      node[at + i] = nodes[block.nodeIndex[first + from + i] ?? 0] ?? 0;
    }
    for (const [metric, values] of Object.entries(block.columns)) {
      writer.column(metric)?.set(values.subarray(first + from, first + from + length), at);
    }
  });
}

function appendRollup(run: Run, first: number, end: number): void {
  const { block, writer } = run;
  const weight = writer.column("n");
  const derived = writer.column("derived");
  writer.append(end - first, (at, from, length) => {
    fillFixed(run, at, first + from, length);
    for (let i = 0; i < length; i++) {
      const row = first + from + i;
      if (derived !== undefined) derived[at + i] = imported;
      if (weight !== undefined) weight[at + i] = block.origin[row] === rrdMax ? 0 : weightOf(block.stepS[row] ?? 0);
    }
    for (const [metric, values] of Object.entries(block.columns)) {
      for (let i = 0; i < length; i++)
        setCells(writer, metric, at + i, values[first + from + i] ?? Number.NaN, block.origin[first + from + i] ?? 0);
    }
  });
}

/** PVE's average knows no extremes and its maximum nothing else; a sample is all four at once. */
function setCells(writer: TableWriter, metric: string, row: number, value: number, origin: number): void {
  if (Number.isNaN(value)) return;
  const set = (suffix: string): void => {
    const column = writer.column(`${metric}_${suffix}`);
    if (column !== undefined) column[row] = value;
  };
  if (origin !== rrdMax) set("avg");
  if (origin !== rrdMax) set("last");
  if (!isRrd(origin)) set("min");
  if (!isRrd(origin) || origin === rrdMax) set("max");
}

function fillFixed({ block, writer, sids }: Run, at: number, from: number, length: number): void {
  const sid = writer.column("sid");
  const stepS = writer.column("step_s");
  const origin = writer.column("origin");
  for (let i = 0; i < length; i++) {
    const row = from + i;
    writer.setBigint("ts", at + i, block.ts[row] ?? 0);
    if (sid !== undefined) sid[at + i] = sids[block.idIndex[row] ?? 0] ?? 0;
    if (stepS !== undefined) stepS[at + i] = block.stepS[row] ?? 0;
    if (origin !== undefined) origin[at + i] = block.origin[row] ?? 0;
  }
}

function noteWindows(block: Block, tier: Tier, from: number, to: number, noteDirty: NoteDirty): void {
  const targets = tier === "raw" ? (["5m", "1h", "sketch"] as const) : (["1h"] as const);
  for (const target of targets) {
    const width = target === "sketch" ? sketchWindowMs : windowMs[target];
    let begin = Number.NaN;
    for (let row = from; row < to; row++) {
      const anchor = rowAnchor(block, row);
      // Neighbours nearly always share their window.
      if (anchor >= begin && anchor < begin + width) continue;
      begin = Math.floor(anchor / width) * width;
      noteDirty(block.kind, target, begin);
    }
  }
}

/** `anchorOf` of tiers.ts without an object per row: this runs for every row of every poll. */
function rowAnchor(block: Block, row: number): number {
  const ts = block.ts[row] ?? 0;
  return isRrd(block.origin[row] ?? 0) ? ts - (block.stepS[row] ?? 0) * 500 : ts;
}
