// Times in which a node's pvestatd wrote nothing: planted ones, and those that faults make, open-ended while they last.
import type { Gap } from "./entities.ts";

export class GapList {
  readonly #gaps: Gap[];
  readonly #open = new Map<string, Gap>();

  constructor(planted: readonly Gap[]) {
    this.#gaps = [...planted];
  }

  get all(): readonly Gap[] {
    return this.#gaps;
  }

  covers(node: string, atS: number): boolean {
    return this.#gaps.some((gap) => gap.node === node && atS > gap.fromS && atS <= gap.toS);
  }

  /** Begins or ends the gap that has this reason, when it is not as it should be. */
  set(node: string, why: "dead" | "hung", isOpen: boolean, nowS: number): void {
    const key = `${why} ${node}`;
    const open = this.#open.get(key);
    if (isOpen && open === undefined) {
      const gap = { node, fromS: nowS, toS: Number.POSITIVE_INFINITY };
      this.#open.set(key, gap);
      this.#gaps.push(gap);
    }
    if (!isOpen && open !== undefined) {
      this.#open.delete(key);
      this.#gaps[this.#gaps.indexOf(open)] = { ...open, toS: nowS };
    }
  }
}
