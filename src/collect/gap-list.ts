// Stretches of time of which a node's samples are lost to us: we were away, or could not reach it, for longer than it
// remembers (half an hour), or it rebooted and forgot. They are kept as marks until PVE's coarser history has filled them.
import type { EntityId } from "../model/ids.ts";
import type { RowTarget } from "./row-target.ts";

export interface Gap {
  readonly node: string;
  /** Newest sample before, oldest after it; ms by the node's clock. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Guests that were on the node when it fell silent; they may have moved since. */
  readonly guests: ReadonlySet<EntityId>;
}

/** PVE's finest history has a point per minute: what is shorter holds none. */
const leastGapMs = 60_000;

export const gapMark = ({ node, fromMs }: Pick<Gap, "node" | "fromMs">): string => `gap/${fromMs}/${node}`;

export class GapList {
  readonly #open = new Map<string, Gap>();
  readonly #silentGuests = new Map<string, ReadonlySet<EntityId>>();

  /** `marks`: what the store holds from before; a gap's mark is its end, or 0 once it is filled. */
  constructor(marks: Readonly<Record<string, number>>) {
    for (const [key, toMs] of Object.entries(marks)) {
      const [, fromMs, node] = /^gap\/(\d+)\/(.+)$/.exec(key) ?? [];
      if (fromMs === undefined || node === undefined || toMs === 0) continue;
      this.#open.set(key, { node, fromMs: Number(fromMs), toMs, guests: new Set() });
    }
  }

  /** Oldest end first. */
  get open(): readonly Gap[] {
    return [...this.#open.values()].sort((a, b) => a.toMs - b.toMs);
  }

  /** A node that does not answer: whose samples are missing while it does not. */
  silent(node: string, guests: () => readonly EntityId[]): void {
    if (!this.#silentGuests.has(node)) this.#silentGuests.set(node, new Set(guests()));
  }

  /** The node's samples go on at `toMs`; the newest one before is of `fromMs`. */
  observe(node: string, fromMs: number, toMs: number, target: RowTarget): void {
    const guests = this.#silentGuests.get(node) ?? new Set();
    this.#silentGuests.delete(node);
    if (fromMs <= 0 || toMs - fromMs <= leastGapMs) return;
    const gap: Gap = { node, fromMs, toMs, guests };
    this.#open.set(gapMark(gap), gap);
    target.marks[gapMark(gap)] = toMs;
  }

  filled(gap: Gap): void {
    this.#open.delete(gapMark(gap));
  }
}
