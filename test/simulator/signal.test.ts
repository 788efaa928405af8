import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSignal, type SignalSpec } from "../../src/simulator/signal.ts";

const start = Date.UTC(2026, 5, 1) / 1000;

const spec = fc
  .record({
    seed: fc.integer(),
    weekly: fc.array(fc.double({ min: 0.01, max: 0.6, noNaN: true }), { minLength: 168, maxLength: 168 }),
    daily: fc.double({ min: 0, max: 0.15, noNaN: true }),
    noise: fc.double({ min: 0, max: 0.4, noNaN: true }),
    spikes: fc.array(fc.integer({ min: 0, max: 30 * 86_400 }), { maxLength: 3 }),
  })
  .map(({ spikes, ...rest }): SignalSpec => {
    const sorted = [...new Set(spikes)].sort((a, b) => a - b);
    const levels = [
      { factor: 0.3, offset: 0.6 },
      { factor: 1, offset: 0 },
    ] as const;
    return {
      ...rest,
      segments: sorted.map((at, index) => ({ fromS: start + at, ...levels[index % 2 === 0 ? 0 : 1] })),
    };
  });
const moment = fc.integer({ min: 0, max: 40 * 86_400 }).map((at) => start + at);

describe("a signal", () => {
  it("never falls in its integral and stays between nothing and full", () => {
    fc.assert(
      fc.property(spec, moment, fc.integer({ min: 1, max: 100_000 }), (wish, at, length) => {
        const mean = createSignal(wish).average(at, at + length);

        expect(mean).toBeGreaterThanOrEqual(0);
        expect(mean).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("has a mean over a step that is the mean of the means of its parts", () => {
    fc.assert(
      fc.property(spec, moment, (wish, at) => {
        const signal = createSignal(wish);
        const parts = Array.from({ length: 60 }, (_, index) => signal.average(at + index * 10, at + (index + 1) * 10));

        const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;

        expect(signal.average(at, at + 600)).toBeCloseTo(mean, 6);
      }),
    );
  });

  it("is the same whatever was asked before", () => {
    fc.assert(
      fc.property(spec, moment, fc.array(moment, { maxLength: 5 }), (wish, at, others) => {
        const fresh = createSignal(wish).integral(at);
        const used = createSignal(wish);
        for (const other of others) used.integral(other);

        expect(used.integral(at)).toBe(fresh);
      }),
    );
  });

  it("moves to the new level at a planted shift", () => {
    const flat = { seed: 4, weekly: new Array<number>(168).fill(0.2), daily: 0.05, noise: 0.1 };
    const shifted = createSignal({ ...flat, segments: [{ fromS: start, factor: 2, offset: 0 }] });

    const before = shifted.average(start - 14 * 86_400, start);
    const after = shifted.average(start, start + 14 * 86_400);

    expect(after / before).toBeCloseTo(2, 1);
  });
});
