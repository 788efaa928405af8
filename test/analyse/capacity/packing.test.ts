import fc from "fast-check";
import { expect, test } from "vitest";
import type { PackBins, PackItem } from "../../../src/analyse/capacity/pack-state.ts";
import { isImpossible, pack } from "../../../src/analyse/capacity/packing.ts";

interface Case {
  readonly items: readonly PackItem[];
  readonly bins: PackBins;
}

const binCount = 3;
const anItem = fc.record({
  cpu: fc.integer({ min: 0, max: 12 }),
  memory: fc.integer({ min: 1, max: 32 }),
  bins: fc
    .array(fc.integer({ min: 0, max: 4 }), { minLength: binCount, maxLength: binCount })
    // One place in five is forbidden.
    .map((throws) => Uint8Array.from(throws, (thrown) => (thrown === 0 ? 0 : 1))),
  apart: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.constant([0]) }),
});
const aCase: fc.Arbitrary<Case> = fc
  .record({
    items: fc.array(anItem, { minLength: 1, maxLength: 7 }),
    cpu: fc.array(fc.integer({ min: -2, max: 24 }), { minLength: binCount, maxLength: binCount }),
    memory: fc.array(fc.integer({ min: -4, max: 64 }), { minLength: binCount, maxLength: binCount }),
    taken: fc.array(fc.boolean(), { minLength: binCount, maxLength: binCount }),
  })
  .map(({ items, cpu, memory, taken }) => ({
    items,
    bins: {
      cpu: Float64Array.from(cpu),
      memory: Float64Array.from(memory),
      taken: taken.map((isTaken) => new Set(isTaken ? [0] : [])),
    },
  }));

/** Every assignment of bins to items, tried. */
function exists({ items, bins }: Case): boolean {
  const places = new Int32Array(items.length);
  const total = binCount ** items.length;
  for (let number = 0; number < total; number++) {
    let rest = number;
    for (let item = 0; item < items.length; item++) {
      places[item] = rest % binCount;
      rest = Math.floor(rest / binCount);
    }
    if (holds({ items, bins }, places)) return true;
  }
  return false;
}

function holds({ items, bins }: Case, places: Int32Array): boolean {
  for (let bin = 0; bin < binCount; bin++) {
    const here = items.filter((_, item) => places[item] === bin);
    if (here.length === 0) continue;
    if (here.some((item) => item.bins[bin] !== 1)) return false;
    if (here.reduce((sum, { cpu }) => sum + cpu, 0) > (bins.cpu[bin] ?? 0)) return false;
    if (here.reduce((sum, { memory }) => sum + memory, 0) > (bins.memory[bin] ?? 0)) return false;
    const groups = here.flatMap(({ apart }) => apart);
    if (new Set(groups).size < groups.length || groups.some((group) => bins.taken[bin]?.has(group) === true))
      return false;
  }
  return true;
}

test("what it places fits, under every constraint", () => {
  fc.assert(
    fc.property(aCase, (problem) => {
      const { bins } = pack(problem.items, problem.bins);
      expect(holds(problem, bins)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test("it calls a case impossible only when no placement exists", () => {
  fc.assert(
    fc.property(aCase, (problem) => {
      const { impossible } = pack(problem.items, problem.bins);
      expect(impossible && exists(problem)).toBe(false);
      expect(isImpossible(problem.items, problem.bins) && exists(problem)).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test("of small cases that have a placement it finds at least 95 in 100", () => {
  const cases = fc.sample(aCase, { numRuns: 1_500, seed: 7 }).filter(exists);
  const found = cases.filter(({ items, bins }) => !pack(items, bins).bins.includes(-1));
  expect(cases.length).toBeGreaterThan(250);
  expect(found.length / cases.length).toBeGreaterThanOrEqual(0.95);
});

test("moving one placed item makes room for a large one", () => {
  // First come 6 and 5 into bin 0 and 1; the 4 that only bin 0 takes finds 10 − 6 free there.
  const everywhere = Uint8Array.from([1, 1]);
  const item = (memory: number, bins: Uint8Array) => ({ cpu: 0, memory, bins, apart: [] });
  const items = [item(6, everywhere), item(5, everywhere), item(5, Uint8Array.from([1, 0]))];
  const bins = {
    cpu: new Float64Array(2),
    memory: Float64Array.from([10, 6]),
    taken: [new Set<number>(), new Set<number>()],
  };

  expect([...pack(items, bins).bins]).toEqual([1, 0, 0]);
});

test("nothing to place is placed", () => {
  const none = { cpu: new Float64Array(0), memory: new Float64Array(0), taken: [] };
  expect(pack([], none)).toEqual({ bins: new Int32Array(0), impossible: false });
});
