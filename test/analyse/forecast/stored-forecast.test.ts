import { beforeAll, describe, expect, it } from "vitest";
import { forecastStored, type StoredQuestion } from "../../../src/analyse/forecast/stored-forecast.ts";
import type { Row } from "../../../src/model/batch.ts";
import { findMetric, type Metric } from "../../../src/model/metrics.ts";
import type { MetricsStore } from "../../../src/model/store.ts";
import { aBatch, day, engineStore, hour, t0 } from "../../store/build.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";
import { aSeries } from "./a-series.ts";

const nowMs = t0 + 60 * day + 20 * 60_000;
const guest = "demo/guest/100~1";
const young = "demo/guest/101~1";
const coarse = "demo/guest/102~1";
const shares = aSeries({ length: 60 * 24, level: 0.4, day: 0.2, week: 0.1, noise: 0.02 });
const bytes = aSeries({ length: 60 * 24, level: 4e9, day: 2e8, week: 1e8, perStep: 2e6, noise: 2e7 });

let store: MetricsStore;
beforeAll(async () => {
  store = await engineStore(temporaryDirectory());
  const row = (id: string, at: number, stepS: number): Row => ({
    id,
    ts: t0 + at * hour + stepS * 1000,
    stepS,
    origin: "rrd-avg",
    node: "pve1",
    values: { cpu_ratio: shares[at] ?? null, mem_used_bytes: bytes[at] ?? null },
  });
  const hours = [...shares.keys()];
  const rows = [
    ...hours.map((at) => row(guest, at, 3600)),
    ...hours.slice(57 * 24).map((at) => row(young, at, 3600)),
    ...hours.filter((at) => at % 6 === 0).map((at) => row(coarse, at, 6 * 3600)),
  ];
  await store.append(aBatch(rows, { source: "import" }));
});

const metric = (id: string): Metric => {
  const found = findMetric("guest", id);
  if (found === undefined) throw new Error(`no metric ${id}`);
  return found;
};
const ask = (more: Partial<StoredQuestion> = {}) =>
  forecastStored(store, { id: guest, metric: metric("cpu_ratio"), outlook: "month", nowMs, levels: [0.8], ...more });

describe("a forecast of stored points", () => {
  it("goes on for thirty days of hours from the hour that is under way", async () => {
    const { fromMs, stepMs, result } = await ask();

    expect({ fromMs, stepMs }).toEqual({ fromMs: t0 + 60 * day, stepMs: hour });
    if (result.none) throw new Error(result.reason);
    expect(result.mean).toHaveLength(720);
    expect(result.trained).toMatchObject({ space: "logit", seasons: [24, 168] });
    // 18:00 to 24:00 are the low hours of the day's wave.
    expect(result.mean[6]).toBeGreaterThan((result.mean[18] ?? 1) + 0.3);
    expect(Math.max(...(result.bands[0]?.upper ?? []))).toBeLessThanOrEqual(1);
  });

  it("looks half a year ahead in days, on a logarithmic scale for bytes", async () => {
    const { stepMs, result } = await ask({ metric: metric("mem_used_bytes"), outlook: "half-year" });

    expect(stepMs).toBe(day);
    if (result.none) throw new Error(result.reason);
    expect(result.mean).toHaveLength(183);
    expect(result.trained.space).toBe("log");
    expect(result.mean.at(-1)).toBeGreaterThan(bytes.at(-1) ?? 0);
  });

  it("takes known moments of change for level shifts", async () => {
    const { result } = await ask({ breaksMs: [t0 + 40 * day] });

    expect(result).toMatchObject({ none: false, levelShifts: [{ at: 70 * 24 }] });
  });

  it("says what is missing: history, or hours in points that are coarser", async () => {
    expect((await ask({ id: young })).result).toMatchObject({ none: true, reason: "needs 14 days, has 3 days" });
    expect((await ask({ id: coarse })).result).toMatchObject({ none: true, code: "no_data" });
    expect((await ask({ id: "demo/guest/999~1" })).result).toMatchObject({ none: true, code: "no_data" });
  });

  it("refuses what is no quantity", async () => {
    await expect(ask({ metric: { ...metric("cpu_ratio"), unit: "boolean" } })).rejects.toThrow(
      "is a state and no quantity",
    );
    await expect(ask({ metric: { ...metric("cpu_ratio"), type: "counter" } })).rejects.toThrow(
      "is a counter; forecast its rate",
    );
  });
});
