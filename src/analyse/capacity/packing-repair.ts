// Makes room for what is left over: moves one placed item elsewhere so that a waiting one takes its place.
import { fits, type PackItem, type PackState, put, takeBack } from "./pack-state.ts";

/** Works on `state`, which stays a valid placement at every step. */
export function repairPacking(items: readonly PackItem[], state: PackState): void {
  for (const [number, item] of items.entries()) {
    if (state.bins[number] === -1) makeRoom(items, state, item, number);
  }
}

function makeRoom(items: readonly PackItem[], state: PackState, waiting: PackItem, number: number): boolean {
  for (const [other, placed] of items.entries()) {
    const from = state.bins[other] ?? -1;
    if (from < 0 || waiting.bins[from] !== 1) continue;
    takeBack(state, placed, other);
    const to = fits(state, waiting, from) ? elsewhere(state, placed, from) : -1;
    if (to >= 0) {
      put(state, placed, other, to);
      put(state, waiting, number, from);
      return true;
    }
    put(state, placed, other, from);
  }
  return false;
}

function elsewhere(state: PackState, item: PackItem, except: number): number {
  for (let bin = 0; bin < state.cpu.length; bin++) if (bin !== except && fits(state, item, bin)) return bin;
  return -1;
}
