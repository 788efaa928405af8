// What the simulator has planted, on seeds that nothing was tuned on.
import { describe, expect, it } from "vitest";
import {
  type Anomaly,
  comparePeers,
  findAnomalies,
  findFlatLines,
  findLevelShifts,
  type Series,
} from "../../../src/analyse/anomaly/index.ts";
import { anchorS, dayMs, seriesOf, simulated } from "./series-of.ts";

const seeds = Array.from({ length: 12 }, (_, index) => 9001 + index);
const beganMs = (anchorS - 84 * 86_400) * 1000;
const learnedMs = beganMs + 14 * dayMs;

function alarms(series: Series): readonly Anomaly[] {
  const scan = findAnomalies(series);
  if (scan.state !== "ready") throw new TypeError("twelve weeks must be enough");
  return scan.anomalies;
}

describe("clean guests", () => {
  it("raise an alarm less than once in ten weeks and series", () => {
    const found = (["service", "batch", "idle", "oversized", "throttled"] as const).flatMap((archetype) =>
      seeds.slice(0, 6).flatMap((seed) => {
        const { cpu, io, memory } = simulated(archetype, seed);
        return [cpu, io, memory].map((series) => alarms(series).length / 10);
      }),
    );
    expect(found.reduce((sum, perWeek) => sum + perWeek, 0) / found.length).toBeLessThanOrEqual(0.1);
    expect(Math.max(...found)).toBeLessThanOrEqual(0.5);
  });

  it("never stand still", () => {
    for (const seed of seeds) expect(findFlatLines(simulated("service", seed).cpu)).toEqual([]);
  });

  it("have no level shift in almost every series", () => {
    const shifts = seeds.flatMap((seed) => {
      const { cpu, io, memory } = simulated("service", seed);
      return [cpu, io, memory].map((series) => {
        const found = findLevelShifts(series);
        return found.state === "ready" ? found.shifts.length : 0;
      });
    });
    expect(shifts.filter((count) => count > 0).length).toBeLessThanOrEqual(shifts.length / 6);
  });
});

describe("planted anomalies", () => {
  it("are found by the CPU curve, four of five, with hardly a false alarm", () => {
    let [planted, found, wrong] = [0, 0, 0];
    for (const seed of seeds) {
      const { cpu, truth } = simulated("anomalous", seed);
      const seen = alarms(cpu).filter(({ atMs }) => atMs > learnedMs);
      const due = truth.anomalies.filter(({ from_s, to_s }) => from_s * 1000 > learnedMs && to_s < anchorS);
      const belongs = (at: number, from_s: number, to_s: number) => at > from_s * 1000 && at <= (to_s + 3600) * 1000;
      planted += due.length;
      found += due.filter(({ from_s, to_s }) => seen.some(({ atMs }) => belongs(atMs, from_s, to_s))).length;
      wrong += seen.filter(({ atMs }) => !due.some(({ from_s, to_s }) => belongs(atMs, from_s, to_s))).length;
    }
    expect(planted).toBeGreaterThan(60);
    expect(found / planted).toBeGreaterThanOrEqual(0.8);
    expect(wrong / (seeds.length * 10)).toBeLessThanOrEqual(0.1);
  });

  it("that stand still are found as flat lines, every one", () => {
    for (const seed of seeds) {
      const { cpu, truth } = simulated("anomalous", seed);
      const lines = findFlatLines(cpu);
      for (const { kind, from_s, to_s } of truth.anomalies) {
        if (kind !== "stuck" || to_s > anchorS) continue;
        expect(lines.some(({ fromMs, toMs }) => fromMs < to_s * 1000 && toMs > from_s * 1000)).toBe(true);
      }
    }
  });

  it("that shift the level are found with the day on which they began", () => {
    const near = seeds.filter((seed) => {
      const { cpu, truth } = simulated("level-shift", seed);
      const found = findLevelShifts(cpu);
      const atMs = (truth.level_shifts[0]?.at_s ?? 0) * 1000;
      return found.state === "ready" && found.shifts.some(({ fromMs }) => Math.abs(fromMs - atMs) <= 3 * dayMs);
    });
    expect(near.length).toBeGreaterThanOrEqual(seeds.length - 2);
  });

  it("in a leaking guest: the restart is told, the slow rise is left to trends", () => {
    let other = 0;
    for (const seed of seeds) {
      const { memory, truth } = simulated("memory-leak", seed);
      const seen = alarms(memory).filter(({ atMs }) => atMs > learnedMs);
      const restarts = (truth.memory_leak?.restarts_at_s ?? []).filter((s) => s * 1000 > learnedMs && s < anchorS);
      const belongs = (atMs: number, s: number) => atMs > s * 1000 && atMs < (s + 7200) * 1000;
      for (const s of restarts) expect(seen.some(({ atMs }) => belongs(atMs, s))).toBe(true);
      other += seen.filter(({ atMs }) => !restarts.some((s) => belongs(atMs, s))).length;
    }
    expect(other / (seeds.length * 10)).toBeLessThanOrEqual(0.1);
  });

  it("in a disk that grows: a steady growth is no anomaly, a sudden one is", () => {
    const steady = seriesOf(84 * 288, (row) => 1e10 + row * 3e6);
    expect(alarms(steady)).toEqual([]);
    const dumped = alarms(seriesOf(84 * 288, (row) => 1e10 + row * 3e6 + (row >= 60 * 288 ? 2e10 : 0)));
    expect(dumped[0]?.atMs).toBe(steady.times[60 * 288]);
  });

  it("in a noisy neighbour: among its peers it is the one that stands out while it is noisy", () => {
    for (const seed of seeds.slice(0, 4)) {
      const noisy = simulated("noisy-neighbour", seed);
      const hour = (noisy.truth.noisy?.hours_utc[1] ?? 0) * 3600;
      const dayBefore = anchorS - 86_400;
      const mean = ({ times, values }: Series): number => {
        const rows = [...times.keys()].filter((row) => {
          const s = (times[row] ?? 0) / 1000 - dayBefore - hour;
          return s > 0 && s <= 3600;
        });
        return rows.reduce((sum, row) => sum + (values[row] ?? 0), 0) / rows.length;
      };
      const peers = Array.from({ length: 11 }, (_, index) => ({
        id: `quiet-${index}`,
        value: mean(simulated("service", seed + 100 * (index + 1)).io),
      }));
      const compared = comparePeers([...peers, { id: "noisy", value: mean(noisy.io) }]);
      expect(compared.state === "ready" && compared.outliers[0]?.id).toBe("noisy");
    }
  });
});
