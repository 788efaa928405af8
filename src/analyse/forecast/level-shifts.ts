// Steps in the level (an upgrade of Proxmox VE, a resize, a migration) that must not be taken for a trend: the past
// before a step is moved to the level after it.
import { robustSeasonShape, withoutShape } from "./models/season-shape.ts";
import { meanOf, medianOf } from "./numbers.ts";

export interface LevelShift {
  /** Place of the first value on the new level. */
  readonly at: number;
  /** New level less old one, in the unit of the values. */
  readonly by: number;
}

const mostDetected = 3;
/** Blocks (days, for hourly values) whose medians are compared on both sides, and the fewest that say anything. */
const comparedBlocks = 7;
const fewestBlocks = 3;
/** Medians of fewer values would follow every one of them. */
const shortestBlock = 4;
/** A step is this many times the usual change from block to block… */
const timesNoise = 6;
/** …happens for the most part at once, which a trend does not… */
const sharpShare = 0.7;
/** …and both sides are calm beside it. */
const calmShare = 0.3;
/** Fewer values after a known break say nothing about the new level. */
const fewestAfterBreak = 3;
const deviationsInSigma = 1.4826;

/**
 * All steps, oldest first: those at the known `breaks` (places of the first value after), and those that show by
 * themselves. `seasons` in steps, shortest first.
 */
export function levelShifts(
  values: Float64Array,
  seasons: readonly number[],
  breaks: readonly number[],
): readonly LevelShift[] {
  const longest = seasons.findLast((season) => values.length >= 2 * season + 1) ?? 1;
  const block = Math.max(shortestBlock, seasons[0] ?? 1);
  let level = longest === 1 ? values.slice() : withoutShape(values, robustSeasonShape(values, longest));
  const found: LevelShift[] = [];
  const take = (at: number, by: number): void => {
    found.push({ at, by });
    level = level.map((value, place) => (place < at ? value + by : value));
  };
  for (const at of [...breaks].sort((a, b) => b - a))
    if (at >= fewestAfterBreak && values.length - at >= fewestAfterBreak) take(at, stepBesideTrend(level, at, block));
  for (let round = 0; round < mostDetected; round++) {
    const at = sharpestStep(level, block);
    if (at === undefined) break;
    take(at, stepAt(level, at, block));
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The past on the level of the present. */
export function onNewestLevel(values: Float64Array, shifts: readonly LevelShift[]): Float64Array {
  const moved = values.slice();
  for (const { at, by } of shifts) for (let place = 0; place < at; place++) moved[place] = (moved[place] ?? 0) + by;
  return moved;
}

function stepAt(level: Float64Array, at: number, block: number): number {
  const reach = comparedBlocks * block;
  return medianOf(level.subarray(at, at + reach)) - medianOf(level.subarray(Math.max(0, at - reach), at));
}

/**
 * A known moment is believed whatever its size; so what the series rises by between the two sides by itself has to be
 * left in it, or a guest that is moved every week would lose its growth.
 */
function stepBesideTrend(level: Float64Array, at: number, block: number): number {
  const reach = comparedBlocks * block;
  const before = blockMedians(level.subarray(Math.max(0, at - reach), at), block);
  const after = blockMedians(level.subarray(at, at + reach), block);
  const changes = [...changesOf(before), ...changesOf(after)];
  const perBlock = changes.length < comparedBlocks ? 0 : medianOf(changes);
  return stepAt(level, at, block) - (perBlock * (before.length + after.length)) / 2;
}

const changesOf = (medians: readonly number[]): readonly number[] =>
  medians.slice(1).map((median, place) => median - (medians[place] ?? 0));

function sharpestStep(level: Float64Array, block: number): number | undefined {
  const medians = blockMedians(level, block);
  const changes = changesOf(medians).map(Math.abs);
  if (medians.length < 2 * fewestBlocks + 2) return undefined;
  const noise = deviationsInSigma * medianOf(changes);
  let best: { readonly at: number; readonly size: number } | undefined;
  for (let place = fewestBlocks; place <= medians.length - fewestBlocks; place++) {
    const size = sizeOfStep(medians, place);
    if (size > timesNoise * noise && size > (best?.size ?? 0)) best = { at: place, size };
  }
  return best === undefined ? undefined : exactPlace(level, block, level.length - (medians.length - best.at) * block);
}

/** 0 where it is not sharp or its sides are not calm. */
function sizeOfStep(medians: readonly number[], place: number): number {
  const before = medians.slice(Math.max(0, place - comparedBlocks), place);
  const after = medians.slice(place, place + comparedBlocks);
  const size = Math.abs(medianOf(after) - medianOf(before));
  // The step may fall into a block, whose median is then of either level.
  const atOnce = Math.abs((medians[place] ?? 0) - (medians[place - 1] ?? 0));
  const isCalm = Math.max(spreadOf(before), spreadOf(after)) < calmShare * size;
  return isCalm && atOnce > sharpShare * size ? size : 0;
}

const spreadOf = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

/** Of whole blocks up to the end. */
function blockMedians(level: Float64Array, block: number): readonly number[] {
  const count = Math.floor(level.length / block);
  const begin = level.length - count * block;
  return Array.from({ length: count }, (_, place) =>
    medianOf(level.subarray(begin + place * block, begin + (place + 1) * block)),
  );
}

/** Within a block of `near`, where the means before and after differ most. */
function exactPlace(level: Float64Array, block: number, near: number): number {
  const reach = Math.max(block, fewestBlocks);
  let best = near;
  let most = -1;
  for (let at = Math.max(reach, near - block); at <= Math.min(level.length - reach, near + block); at++) {
    const difference = Math.abs(meanOf(level, at, at + reach) - meanOf(level, at - reach, at));
    if (difference <= most) continue;
    most = difference;
    best = at;
  }
  return best;
}
