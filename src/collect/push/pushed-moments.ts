// Which samples are held because they were pushed. A poll brings the same moments again, somewhat later: it passes over
// those, and takes the others, so that what a push lost is there all the same and nothing is there twice.
import type { EntityId } from "../../model/ids.ts";

/** What earlier starts left: moments that were pushed and that no poll has passed yet. */
export interface PushedMomentsOf {
  readonly id: EntityId;
  /** Milliseconds. */
  readonly ts: readonly number[];
}

/** Nodes remember 181 rounds; what lies further back no poll can bring. */
const mostMoments = 200;

export class PushedMoments {
  readonly #moments = new Map<EntityId, Set<number>>();

  constructor(before: readonly PushedMomentsOf[] = []) {
    for (const { id, ts } of before) for (const moment of ts) this.add(id, moment);
  }

  has(id: EntityId, ts: number): boolean {
    return this.#moments.get(id)?.has(ts) ?? false;
  }

  add(id: EntityId, ts: number): void {
    const moments = this.#moments.get(id) ?? new Set();
    this.#moments.set(id, moments.add(ts));
    if (moments.size <= mostMoments) return;
    const [oldest = ts] = moments;
    moments.delete(oldest);
  }

  /** True when a poll need not take this sample. It is asked once: from then on the poll's own mark tells. */
  take(id: EntityId, ts: number): boolean {
    const moments = this.#moments.get(id);
    if (moments?.delete(ts) !== true) return false;
    if (moments.size === 0) this.#moments.delete(id);
    return true;
  }
}
