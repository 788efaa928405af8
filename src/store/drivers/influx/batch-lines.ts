// A batch as lines of InfluxDB's line protocol, in our own measurements. Made from the columns directly: an object per
// row and per point would cost more than everything else that is done with it.
import type { Batch, Block } from "../../../model/batch.ts";
import {
  averagedField,
  influxTagKeys,
  influxTagsOfId,
  maximumFieldOf,
  measurementOf,
  stepField,
} from "../../../model/influx-schema.ts";
import type { Rejection } from "../../../model/sink.ts";
import type { EntityTags } from "../../sinks/tag-book.ts";
import { rrdAvg, rrdMax } from "../../tiers.ts";
import { numberField, seriesKey } from "./line-text.ts";
import { codeOf, nanosecondsOf } from "./point-time.ts";

export interface LineRules {
  readonly tagsOf: (id: string) => EntityTags | undefined;
  /** Rows before are not sent: the bucket would not keep them. */
  readonly fromMs: number;
  /** Rows behind are refused: a clock is wrong, and a graph up to now would end years ahead. */
  readonly untilMs: number;
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
    const write = rowWriter(block, rules.tagsOf);
    for (let row = 0; row < block.length; row++) {
      const verdict = verdictOn(block, row, rules);
      if (verdict === "write") {
        const line = write(row);
        if (line !== "") lines.push(line);
      } else if (verdict !== "skip") rejected.push({ row: first + row, reason: verdict.refused });
    }
    first += block.length;
  }
  return { lines, rejected };
}

export function verdictOn(block: Block, row: number, { fromMs, untilMs }: Omit<LineRules, "tagsOf">): RowVerdict {
  const ts = block.ts[row] ?? Number.NaN;
  if (ts < fromMs) return "skip";
  if (ts <= untilMs) return hasInfinity(block, row) ? { refused: "It has a value that is not finite." } : "write";
  const when = ts < 8.64e15 ? new Date(ts).toISOString() : String(ts);
  return { refused: `Its time ${when} lies in the future: see the clock of the node.` };
}

function hasInfinity({ columns }: Block, row: number): boolean {
  for (const name in columns) {
    const value = columns[name]?.[row];
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return true;
  }
  return false;
}

/** Makes the line of a row; "" for a row without values. */
function rowWriter(block: Block, tagsOf: LineRules["tagsOf"]): (row: number) => string {
  const columns = Object.entries(block.columns);
  const names = columns.map(([name]) => `${name}=`);
  const maxima = columns.map(([name]) => `${maximumFieldOf(name)}=`);
  const values = columns.map(([, column]) => column);
  const keyOf = keyFinder(block, tagsOf);
  return (row) => {
    const origin = block.origin[row] ?? 0;
    const keys = origin === rrdMax ? maxima : names;
    let fields = "";
    for (let i = 0; i < values.length; i++) {
      const value = values[i]?.[row] ?? Number.NaN;
      if (!Number.isNaN(value)) fields += `${fields === "" ? "" : ","}${keys[i]}${numberField(value)}`;
    }
    if (fields === "") return "";
    const stepS = block.stepS[row] ?? 0;
    if (origin === rrdAvg || origin === rrdMax) fields += `,${averagedField}=1`;
    const time = nanosecondsOf(Math.round(block.ts[row] ?? 0), codeOf(origin, stepS));
    return `${keyOf(row)} ${fields},${stepField}=${stepS} ${time}`;
  };
}

/** Measurement and tags of a row. The same few thousand come poll after poll, so each is put together once per batch. */
function keyFinder(block: Block, tagsOf: LineRules["tagsOf"]): (row: number) => string {
  const places = block.nodes.length + 1;
  const keys: (string | undefined)[] = [];
  return (row) => {
    const [id, node] = [block.idIndex[row] ?? 0, block.nodeIndex[row] ?? 0];
    const slot = id * places + node;
    keys[slot] ??= keyOf(block, block.ids[id] ?? "", node === 0 ? null : (block.nodes[node - 1] ?? null), tagsOf);
    return keys[slot];
  };
}

function keyOf(block: Block, id: string, rowNode: string | null, tagsOf: LineRules["tagsOf"]): string {
  const known = tagsOf(id);
  const details = { node: block.kind === "guest" ? (rowNode ?? known?.node ?? null) : null, type: known?.type ?? null };
  const tags = influxTagsOfId(id, details) ?? {};
  const ordered = influxTagKeys.map((key) => [key, tags[key]] as const);
  return seriesKey(measurementOf(block.kind), Object.fromEntries(ordered));
}
