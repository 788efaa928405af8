import { describe, expect, it } from "vitest";
import { type AnomalyItem, expectedWords, lanesOf, sizeOf, watchWords } from "../../src/web/anomalies/anomaly.ts";
import { fakeAnomalies, fakeWatch } from "./fake/anomalies.ts";
import { makeFleet } from "./fake/fleet.ts";

const now = Date.UTC(2026, 2, 2);
const weekMs = 7 * 86_400_000;
const items = fakeAnomalies(makeFleet({ nodes: 2, guests: 40 }).items, now);
const [first] = items as readonly [AnomalyItem, ...AnomalyItem[]];

describe("the timeline of anomalies", () => {
  it("has a lane per subject, with every anomaly on one, those with most to tell first", () => {
    const lanes = lanesOf(items, now - weekMs, now);
    expect(lanes.flatMap(({ ticks }) => ticks)).toHaveLength(items.length);
    expect(new Set(lanes.map(({ subject }) => subject)).size).toBe(lanes.length);
    const weights = lanes.map(({ weight }) => weight);
    expect(weights).toEqual([...weights].sort((a, b) => b - a));
  });

  it("keeps every tick within its width, also of what began before it", () => {
    const early = { ...first, from_at: new Date(now - 2 * weekMs).toISOString(), to_at: new Date(now).toISOString() };
    expect(lanesOf([early], now - weekMs, now)[0]?.ticks[0]).toMatchObject({ left: 0, width: 1 });
  });

  it("lets muted ones weigh nothing", () => {
    expect(lanesOf([{ ...first, muted: true }], now - weekMs, now)[0]?.weight).toBe(0);
  });

  it("draws a stronger one taller", () => {
    expect(sizeOf({ score: 0.9 })).toBeGreaterThan(sizeOf({ score: 0.6 }));
    expect(sizeOf({ score: null })).toBeGreaterThan(0);
  });
});

describe("the words", () => {
  it("say what was to be expected, and nothing where nothing is", () => {
    expect(expectedWords({ ...first, low: 0.18, high: 0.41 })).toBe("18.0% to 41.0%");
    expect(expectedWords({ ...first, low: null, high: null, expected: null })).toBe("—");
  });

  it("say how far the watch is", () => {
    expect(watchWords(fakeWatch)).toBe(
      "702 series are watched, 18 need 14 days of history (the longest of them has 3)",
    );
  });
});
