// A batch as lines of InfluxDB's line protocol, in our own measurements. Made from the columns directly: an object per
// row and per point would cost more than everything else that is done with it.
import type { Batch, Block } from "../../../model/batch.ts";
import { averagedField, maximumFieldOf, stepField } from "../../../model/influx-schema.ts";
import type { Rejection } from "../../../model/sink.ts";
import type { EntityTags } from "../../sinks/tag-book.ts";
import { rrdAvg, rrdMax } from "../../tiers.ts";
import { codeOf, nanosecondsOf } from "./point-time.ts";
import type { SeriesKeys } from "./series-keys.ts";

/** Which rows are written, by their time. */
export interface TimeRules {
  /** Rows before are not sent: the bucket would not keep them. */
  readonly fromMs: number;
  /** Rows behind are refused: a clock is wrong, and a graph up to now would end years ahead. */
  readonly untilMs: number;
}

export interface LineRules extends TimeRules {
  readonly tagsOf: (id: string) => EntityTags | undefined;
  /** Kept from batch to batch. */
  readonly keys: SeriesKeys;
}

/** What takes part in a row: undefined when nothing is to be written of it, a sentence when it can never be. */
export type RowVerdict = "write" | "skip" | { readonly refused: string };

export interface BatchLines {
  readonly lines: string[];
  readonly rejected: Rejection[];
}

export function batchLines(batch: Batch, rules: LineRules): BatchLines {
  const lines: string[] = [];
  const rejected: Rejection[] = [];
  let first = 0;
  for (const block of batch.blocks) {
    const write = rowWriter(block, rules);
    for (let row = 0; row < block.length; row++) {
      const verdict = verdictOn(block.ts[row] ?? Number.NaN, rules);
      const line = verdict === "write" ? write(row) : verdict === "skip" ? "" : verdict;
      if (typeof line !== "string") rejected.push({ row: first + row, reason: line.refused });
      else if (line !== "") lines.push(line);
    }
    first += block.length;
  }
  return { lines, rejected };
}

/** By its time alone; a row with a value that is not finite is refused, too. */
export function verdictOn(ts: number, { fromMs, untilMs }: TimeRules): RowVerdict {
  if (ts < fromMs) return "skip";
  if (ts <= untilMs) return "write";
  const when = ts < 8.64e15 ? new Date(ts).toISOString() : String(ts);
  return { refused: `Its time ${when} lies in the future: see the clock of the node.` };
}

const notFinite = { refused: "It has a value that is not finite." };

/** Makes the line of a row; "" for a row without values. The busiest loop of a sink: a value costs it some 150 ns. */
function rowWriter(block: Block, rules: LineRules): (row: number) => string | typeof notFinite {
  const columns = Object.entries(block.columns);
  const names = columns.map(([name]) => `${name}=`);
  const maxima = columns.map(([name]) => `${maximumFieldOf(name)}=`);
  const values = columns.map(([, column]) => column);
  const keyOf = keyFinder(block, rules);
  const parts: string[] = [];
  return (row) => {
    const origin = block.origin[row] ?? 0;
    const keys = origin === rrdMax ? maxima : names;
    parts.length = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]?.[row] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      if (!Number.isFinite(value)) return notFinite;
      parts.push(keys[i] ?? "", value === 0 ? zeroField(value) : String(value), ",");
    }
    if (parts.length === 0) return "";
    const stepS = block.stepS[row] ?? 0;
    if (origin === rrdAvg || origin === rrdMax) parts.push(averagedField, "=1,");
    const time = nanosecondsOf(Math.round(block.ts[row] ?? 0), codeOf(origin, stepS));
    parts.push(stepField, "=", String(stepS), " ", time);
    return `${keyOf(row)} ${parts.join("")}`;
  };
}

/** A number's text loses the sign of nothing. */
const zeroField = (zero: number): string => (Object.is(zero, -0) ? "-0" : "0");

/** Measurement and tags of a row. The same few thousand come poll after poll, so each is put together once. */
function keyFinder(block: Block, { tagsOf, keys }: LineRules): (row: number) => string {
  return (row) => {
    const id = block.ids[block.idIndex[row] ?? 0] ?? "";
    const number = block.nodeIndex[row] ?? 0;
    return keys.of(block.kind, id, number === 0 ? null : (block.nodes[number - 1] ?? null), tagsOf(id));
  };
}
