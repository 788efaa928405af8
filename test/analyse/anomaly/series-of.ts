// Series made up for tests, the same on every machine.

import type { Series } from "../../../src/analyse/anomaly/index.ts";
import { AnomalyDetector } from "../../../src/analyse/anomaly/index.ts";
import { createCurves } from "../../../src/simulator/archetypes.ts";
import type { Archetype } from "../../../src/simulator/entities.ts";
import { createRandom } from "../../../src/simulator/random.ts";

export const minuteMs = 60_000;
export const dayMs = 1440 * minuteMs;
/** Monday 2026-03-02 00:00 UTC. */
export const monday = Date.UTC(2026, 2, 2);

export function seriesOf(rows: number, value: (row: number) => number, stepMs = 5 * minuteMs): Series {
  const times = Float64Array.from({ length: rows }, (_, row) => monday + row * stepMs);
  return { times, values: Float64Array.from({ length: rows }, (_, row) => value(row)) };
}

/** A day's wave of height 10 around 50 with noise of ±1. */
export function wave(days: number, seed = 1): Series {
  const random = createRandom(seed);
  return seriesOf(days * 288, (row) => 50 + 10 * Math.sin((row / 288) * 2 * Math.PI) + random.between(-1, 1));
}

export const scoresOf = ({ times, values }: Series): Float64Array => {
  const detector = new AnomalyDetector();
  return values.map((value, row) => detector.next(times[row] ?? 0, value));
};

/** Values of `series` with some rows replaced. */
export function changed({ times, values }: Series, change: (value: number, row: number) => number): Series {
  return { times, values: values.map(change) };
}

/** The simulator's planted dates lie around this moment (epoch seconds). */
export const anchorS = Date.UTC(2026, 5, 1) / 1000;

/** Curves of a guest of the simulator, sampled every five minutes over the twelve weeks before `anchorS`. */
export function simulated(archetype: Archetype, seed: number) {
  const { cpu, io, memory, truth } = createCurves(archetype, seed * 7919, anchorS, 8e9);
  const sampled = (curve: typeof cpu): Series => {
    const rows = 84 * 288;
    const ends = Float64Array.from({ length: rows }, (_, row) => anchorS - (rows - 1 - row) * 300);
    return { times: ends.map((s) => s * 1000), values: ends.map((s) => curve.average(s - 300, s)) };
  };
  return { cpu: sampled(cpu), io: sampled(io), memory: sampled(memory), truth };
}
