// What PVE's own history is asked for to fill a gap: the finest answers that reach back far enough, and no more.
import type { Entity } from "../model/inventory.ts";
import type { RrdTimeframe } from "../pve/index.ts";
import type { Gap } from "./gap-list.ts";
import { hasOwnMaximum, type RrdStep, type RrdSubject, type RrdWindow } from "./rrd-step.ts";

export interface GapStep extends RrdStep {
  readonly gap: Gap;
  readonly window: RrdWindow;
}

/** Progress in the store's marks: of this thing's history in these steps, the node's gaps are filled up to the moment, in ms. */
export const filledMark = ({ gap, subject, timeframe }: GapStep): string =>
  `filled/${gap.node}/${subject.id}/${timeframe}`;

/** Whose samples are missing: of the node, of what is on it now, and of the guests that were on it then. */
export function isInGap(
  entity: Entity,
  { node, guests }: Gap,
  ownerOf: (storage: string) => string | undefined,
): boolean {
  switch (entity.kind) {
    case "node":
      return entity.name === node;
    case "guest":
      return entity.node === node || guests.has(entity.id);
    case "storage":
      return (entity.node ?? ownerOf(entity.storage)) === node;
    case "cluster":
      return false;
  }
}

export function gapSteps(
  gap: Gap,
  subjects: readonly RrdSubject[],
  frames: readonly RrdTimeframe[],
  now: number,
): GapStep[] {
  const parts = framesFor(gap, frames, now);
  return subjects.flatMap((subject) =>
    parts.flatMap(({ frame, window }): GapStep[] => {
      const fromMs = Math.max(window.fromMs, subject.bornAt);
      if (fromMs >= window.toMs) return [];
      const { name, stepS } = frame;
      return [
        { gap, subject, timeframe: name, stepS, withMax: hasOwnMaximum(stepS), window: { fromMs, toMs: window.toMs } },
      ];
    }),
  );
}

interface Part {
  readonly frame: RrdTimeframe;
  readonly window: RrdWindow;
}

/** From the newest part of the gap back: the finest steps that are still kept of it. */
export function framesFor({ fromMs, toMs }: RrdWindow, frames: readonly RrdTimeframe[], now: number): Part[] {
  const parts: Part[] = [];
  let openTo = toMs;
  for (const stepS of [...new Set(frames.map((frame) => frame.stepS))].sort((a, b) => a - b)) {
    if (openTo <= fromMs) break;
    const same = frames.filter((frame) => frame.stepS === stepS).sort((a, b) => a.points - b.points);
    const frame = same.find((candidate) => reachOf(candidate, now) <= fromMs) ?? same.at(-1);
    if (frame === undefined) continue;
    const begin = Math.max(fromMs, reachOf(frame, now));
    if (begin >= openTo) continue;
    parts.push({ frame, window: { fromMs: begin, toMs: openTo } });
    openTo = begin;
  }
  return parts;
}

/** The oldest moment that an answer is sure to reach; the oldest interval may be cut while we ask. */
const reachOf = ({ stepS, points }: RrdTimeframe, now: number): number => now - (points - 1) * stepS * 1000;
