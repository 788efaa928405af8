// What a server must have of a batch, and what it has: the two sides of a read-back.
import type { Batch, Block } from "../../../model/batch.ts";
import type { EntityId, EntityKind } from "../../../model/ids.ts";
import { maximumFieldOf } from "../../../model/influx-schema.ts";
import { rrdMax } from "../../tiers.ts";
import { type TimeRules, verdictOn } from "./batch-lines.ts";
import { keptTag } from "./line-text.ts";
import { codeOf } from "./point-time.ts";

export interface ExpectedPoint {
  readonly id: EntityId;
  readonly ms: number;
  readonly code: number;
  /** By field. */
  readonly values: Readonly<Record<string, number>>;
}

export interface ExpectedBlock {
  readonly kind: EntityKind;
  readonly ids: readonly EntityId[];
  readonly fields: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly points: readonly ExpectedPoint[];
}

/** Blocks without anything that was written are left out. */
export function expectedBlocks(batch: Batch, rules: TimeRules): ExpectedBlock[] {
  return batch.blocks.flatMap((block) => {
    const points = pointsOf(block, rules);
    if (points.length === 0) return [];
    const fields = new Set(points.flatMap(({ values }) => Object.keys(values)));
    const [fromMs, toMs] = spanOf(points);
    const ids = [...new Set(points.map(({ id }) => id))];
    return [{ kind: block.kind, ids, fields: [...fields], fromMs, toMs, points }];
  });
}

function pointsOf(block: Block, rules: TimeRules): ExpectedPoint[] {
  const points: ExpectedPoint[] = [];
  const columns = Object.entries(block.columns);
  for (let row = 0; row < block.length; row++) {
    if (verdictOn(block.ts[row] ?? Number.NaN, rules) !== "write") continue;
    const origin = block.origin[row] ?? 0;
    const values: Record<string, number> = {};
    for (const [name, column] of columns) {
      const value = column[row] ?? Number.NaN;
      if (!Number.isNaN(value)) values[origin === rrdMax ? maximumFieldOf(name) : name] = value;
    }
    const numbers = Object.values(values);
    // Refused, and so nothing to look for.
    if (numbers.length === 0 || !numbers.every(Number.isFinite)) continue;
    const id = keptTag(block.ids[block.idIndex[row] ?? 0] ?? "");
    points.push({ id, ms: Math.round(block.ts[row] ?? 0), code: codeOf(origin, block.stepS[row] ?? 0), values });
  }
  return points;
}

function spanOf(points: readonly ExpectedPoint[]): readonly [number, number] {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { ms } of points) [from, to] = [Math.min(from, ms), Math.max(to, ms + 1)];
  return [from, to];
}
