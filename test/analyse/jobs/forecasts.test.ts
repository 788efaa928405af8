import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forecasts } from "../../../src/analyse/jobs/forecasts.ts";
import { forecastQuestion } from "../../../src/analyse/questions/forecast.ts";
import type { Row } from "../../../src/model/batch.ts";
import type { FactChange } from "../../../src/model/facts.ts";
import type {
  ForecastAnswer,
  ForecastLine,
  ForecastsDocument,
  ForecastWeightsDocument,
} from "../../../src/model/forecasts.ts";
import type { MetricsStore } from "../../../src/model/store.ts";
import { aCluster, aGuest, aNode, aStorage } from "../../build.ts";
import { aBatch, day, engineStore, hour, t0 } from "../../store/build.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";
import { aContext, type ContextParts, KeptDocuments } from "../a-fleet-context.ts";
import { aSeries, randomFrom } from "../forecast/a-series.ts";

const days = 40;
const nowMs = t0 + days * day + 20 * 60_000;
const fleetSize = 12;
/** Guests 100 to 111 have a month of truth after now, which the store must not have. */
const cpuOf = (vmid: number): Float64Array =>
  aSeries({ length: (days + 30) * 24, level: 0.4, day: 0.15, week: 0.08, noise: 0.03, seed: vmid });
const vmids = Array.from({ length: fleetSize }, (_, place) => 100 + place);
const idOf = (vmid: number): string => `demo/guest/${vmid}~1`;
const resized = 200;
const young = 201;
const noisy = 202;
const resizeMs = t0 + 25 * day;

const entities = [
  aCluster("demo", nowMs),
  aNode("demo", "pve1", nowMs),
  aNode("demo", "pve2", nowMs),
  aStorage("demo", null, "nfs", nowMs),
  ...[...vmids, resized, young, noisy].map((vmid) => aGuest("demo", vmid, nowMs)),
  aGuest("demo", 300, nowMs, { template: true }),
];

const hours = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);
const row = (id: string, at: number, values: Row["values"]): Row => ({
  id,
  ts: t0 + (at + 1) * hour,
  stepS: 3600,
  origin: "rrd-avg",
  node: "pve1",
  values,
});

/** A memory that a resize raises by a tenth: less than its day's wave, so that nothing shows it but the record. */
const resizedMemory = aSeries({ length: days * 24, level: 4e9, day: 6e8, week: 3e8, noise: 3e8 }).map((value, at) =>
  t0 + at * hour < resizeMs ? value : value + 6e8,
);
const storageUsed = aSeries({ length: days * 24, level: 1e12, day: 0, week: 0, perStep: 2e8, noise: 2e8 });

function fleetRows(): Row[] {
  const past = hours(0, days * 24);
  const walk = randomFrom(4);
  let level = 0.4;
  const noise = past.map(() => (level = Math.min(0.7, Math.max(0.1, level + 0.02 * (walk() - 0.5)))));
  return [
    ...vmids.flatMap((vmid) => {
      const cpu = cpuOf(vmid);
      return past.map((at) => row(idOf(vmid), at, { cpu_ratio: cpu[at] ?? null }));
    }),
    ...past.map((at) => row(idOf(resized), at, { mem_used_bytes: resizedMemory[at] ?? null })),
    ...past.slice(-3 * 24).map((at) => row(idOf(young), at, { cpu_ratio: cpuOf(100)[at] ?? null })),
    ...past.map((at) => row(idOf(noisy), at, { cpu_ratio: noise[at] ?? null, mem_used_bytes: 2 ** 30 })),
    ...past.map((at) => row("demo/storage/@nfs", at, { used_bytes: storageUsed[at] ?? null })),
    ...["pve1", "pve2"].flatMap((node, place) =>
      past.map((at) => row(`demo/node/${node}`, at, { cpu_ratio: cpuOf(100 + place)[at] ?? null, cpu_count: 16 })),
    ),
  ];
}

let store: MetricsStore;
let first: Awaited<ReturnType<typeof runNight>>;
/** As they are after the first night. */
const documents = new KeptDocuments();
beforeAll(async () => {
  store = await engineStore(temporaryDirectory());
  await store.append(aBatch(fleetRows(), { source: "import" }));
  first = await runNight();
  documents.keep(first.documents, nowMs);
});
afterAll(() => store.close());

const resize: FactChange = {
  kind: "guest_config",
  subject: idOf(resized),
  key: "",
  at: resizeMs,
  change: "changed",
  before: { memory_bytes: 2 ** 33 },
  after: { memory_bytes: 2 ** 34 },
  by: "root@pam",
};

async function runNight(more: Partial<ContextParts> = {}) {
  const context = aContext({ store, entities, nowMs, ...more });
  const { documents = [], summary, findings } = await forecasts.run(context);
  const lines = documents.flatMap(({ name, body }) => (name === "forecasts" ? (body as ForecastsDocument).lines : []));
  const weights = documents.flatMap(({ name, body }) =>
    name === "forecast-weights" ? (body as ForecastWeightsDocument).series : [],
  );
  const line = (id: string, field: string, outlook = "month"): ForecastLine => {
    const found = lines.find((each) => each.id === id && each.field === field && each.outlook === outlook);
    if (found === undefined) throw new Error(`no line ${id} ${field} ${outlook}`);
    return found;
  };
  return { documents, summary, findings, lines, weights, line };
}

const ask = async (id: string, field: string, more: Partial<ContextParts> = {}, outlook = "month") =>
  (await forecastQuestion.answer(aContext({ store, entities, nowMs, ...more }), {
    id,
    field,
    outlook,
  })) as ForecastAnswer;

describe("the forecasts of a night", () => {
  it("have a line for every series and outlook, with what comes in 1, 7, 14 and 30 days, or why that is not known", async () => {
    const { line, lines, summary, findings } = first;

    const cpu = line(idOf(100), "cpu_ratio");
    expect(cpu).toMatchObject({ fromMs: t0 + days * day, result: { state: "forecast", lastShiftMs: null } });
    if (cpu.result.state === "none") throw new Error(cpu.result.reason);
    expect(cpu.result.ahead.map((each) => each.days)).toEqual([1, 7, 14, 30]);
    expect(cpu.result.backtest.error).toBeLessThan(cpu.result.backtest.naiveError);
    expect(line(idOf(young), "cpu_ratio").result).toMatchObject({ state: "none", reason: "needs 14 days, has 3 days" });
    expect(line(idOf(noisy), "cpu_ratio").result).toMatchObject({ code: "no_better_than_naive" });
    expect(line(idOf(noisy), "mem_used_bytes").result).toMatchObject({ code: "constant" });
    expect(line(idOf(100), "mem_used_bytes")).toMatchObject({ now: null, result: { code: "no_data" } });
    expect(lines.some(({ id }) => id === idOf(300))).toBe(false);
    expect(findings).toBeUndefined();
    expect(summary).toMatch(/^\d+ of \d+ series have a forecast, of 1 cluster$/);
  });

  it("see what grows go on growing, and the cores of all nodes together", () => {
    const { line } = first;

    const used = line("demo/storage/@nfs", "used_bytes");
    if (used.result.state === "none") throw new Error(used.result.reason);
    const inMonth = used.result.ahead.at(-1)?.mean ?? 0;
    expect(inMonth - (used.now ?? 0)).toBeGreaterThan(0.7 * 30 * 24 * 2e8);
    const cores = line("demo/cluster", "cpu_used_cores");
    const shares = line("demo/node/pve1", "cpu_ratio").now ?? 0;
    const others = line("demo/node/pve2", "cpu_ratio").now ?? 0;
    expect(cores.now).toBeCloseTo(16 * (shares + others), 0);
  });

  it("hold about as much of the truth in their bands as they promise", async () => {
    const held = [0, 0];
    let count = 0;
    for (const vmid of vmids) {
      const { result } = await ask(idOf(vmid), "cpu_ratio", { documents });
      if (result.state === "none") throw new Error(`${vmid}: ${result.reason}`);
      const truth = cpuOf(vmid).subarray(days * 24);
      for (const [step, value] of truth.entries()) {
        count++;
        for (const [place, { lower, upper }] of result.bands.entries())
          if (value >= (lower[step] ?? 1) && value <= (upper[step] ?? 0)) held[place] = (held[place] ?? 0) + 1;
      }
    }

    expect((held[0] ?? 0) / count).toBeGreaterThan(0.72);
    expect((held[0] ?? 0) / count).toBeLessThan(0.97);
    expect((held[1] ?? 0) / count).toBeGreaterThan(0.91);
  });

  it("do not take a resize on record for a trend", async () => {
    const alone = entities.filter(({ id }) => id === "demo/cluster" || id === idOf(resized));
    const told = (await runNight({ changes: [resize], entities: alone })).line(idOf(resized), "mem_used_bytes");
    const untold = first.line(idOf(resized), "mem_used_bytes");

    if (told.result.state === "none") throw new Error(told.result.reason);
    expect(told.result.lastShiftMs).toBe(resizeMs);
    expect(untold.result).not.toMatchObject({ lastShiftMs: resizeMs });
    const inMonth = told.result.ahead.at(-1)?.mean ?? 0;
    expect(Math.abs(inMonth - (told.now ?? 0))).toBeLessThan(3e8);
  });

  it("do not look ahead: what the store learns later changes nothing", async () => {
    const earlier = nowMs - 10 * day;
    const whole = await ask(idOf(100), "cpu_ratio", { nowMs: earlier });
    const cut = await engineStore(temporaryDirectory());
    const cpu = cpuOf(100);
    const rows = hours(0, (days - 10) * 24).map((at) => row(idOf(100), at, { cpu_ratio: cpu[at] ?? null }));
    await cut.append(aBatch(rows, { source: "import" }));

    expect(await ask(idOf(100), "cpu_ratio", { nowMs: earlier, store: cut })).toEqual(whole);
    await cut.close();
  });
});

describe("what a night learnt", () => {
  it("gives the same forecast as learning does, but for what was rounded to keep it small", async () => {
    const kept = await ask(idOf(100), "cpu_ratio", { documents });
    const fresh = await ask(idOf(100), "cpu_ratio");

    if (kept.result.state === "none" || fresh.result.state === "none") throw new Error("no forecast");
    expect(kept.result.backtest).toEqual(fresh.result.backtest);
    const widest = (values: readonly number[], others: readonly number[]): number =>
      Math.max(...values.map((value, step) => Math.abs(value - (others[step] ?? 0))));
    expect(widest(kept.result.mean, fresh.result.mean)).toBeLessThan(1e-3);
    for (const [place, { lower, upper }] of fresh.result.bands.entries()) {
      expect(widest(kept.result.bands[place]?.lower ?? [], lower)).toBeLessThan(5e-3);
      expect(widest(kept.result.bands[place]?.upper ?? [], upper)).toBeLessThan(5e-3);
    }
  });

  it("is small: two kilobytes for a series", () => {
    const { weights } = first;

    expect(JSON.stringify(weights).length / weights.length).toBeLessThan(2_500);
  });

  it("serves the nights after it, but for a seventh of the things, and is gone with them", async () => {
    expect(first.weights.length).toBeGreaterThan(fleetSize);

    const tomorrow = { nowMs: nowMs + day, documents };
    const second = await runNight(tomorrow);
    const learnt = second.weights.filter(({ learntAt }) => learntAt === nowMs + day);
    expect(learnt.length).toBeGreaterThan(0);
    expect(learnt.length).toBeLessThan(first.weights.length / 2);
    documents.keep(second.documents, nowMs + day);

    const again = await runNight(tomorrow);
    expect(again.weights.filter(({ learntAt }) => learntAt === nowMs + day)).toEqual([]);
    const few = await runNight({ ...tomorrow, entities: entities.slice(0, 3) });
    documents.keep(few.documents, nowMs + day);
    const left = (await documents.list({ name: "forecast-weights" })).flatMap(
      ({ body }) => (body as ForecastWeightsDocument).series,
    );
    expect(new Set(left.map(({ id }) => id.split("/")[1]))).toEqual(new Set(["cluster", "node"]));
  });
});

describe("the question for one series", () => {
  it("is answered in words where there is no forecast", async () => {
    expect((await ask(idOf(young), "cpu_ratio")).result).toEqual({
      state: "none",
      code: "too_short",
      reason: "needs 14 days, has 3 days",
      backtest: null,
    });
  });

  it("is refused for what is no thing, no field of it, or no quantity", async () => {
    await expect(ask("nothing", "cpu_ratio")).rejects.toThrow('"nothing" is not an entity id');
    await expect(ask(idOf(100), "used_bytes")).rejects.toThrow('a guest has no "used_bytes"');
    await expect(ask(idOf(100), "running")).rejects.toThrow("is a state and no quantity");
  });
});
