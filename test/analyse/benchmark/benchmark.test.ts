import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { benchmarkOf } from "../../../src/analyse/benchmark/class-benchmark.ts";
import { classed } from "../../../src/analyse/benchmark/classes.ts";
import { outlierFindings } from "../../../src/analyse/benchmark/outliers.ts";
import { percentileRanks } from "../../../src/analyse/benchmark/ranks.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { Fleet } from "../../../src/live/fleet.ts";
import { blocksFromRows, type Row } from "../../../src/model/batch.ts";
import type { GuestEntity } from "../../../src/model/inventory.ts";
import { MemoryStore } from "../../../src/store/drivers/memory/memory-store.ts";
import { aCluster, aGuest } from "../../build.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const now = Date.UTC(2026, 2, 30, 2);

/** Hourly samples of the newest week and of the one four weeks before. */
async function measured(guests: readonly (Partial<GuestEntity> & { cpu: number; before?: number })[]) {
  const fleet = new Fleet({ ...systemClock, now: () => now });
  const store = new MemoryStore();
  const entities = guests.map((guest, index) => aGuest("lab", 100 + index, now, { name: guest.name ?? "" }));
  fleet.applyEvent({ type: "inventory", cluster: "lab", changed: [aCluster("lab", now), ...entities] });
  const rows: Row[] = [];
  for (const [index, { cpu, before }] of guests.entries()) {
    const at = (ts: number, value: number): Row => ({
      id: entities[index]?.id ?? "",
      ts,
      stepS: 3600,
      origin: "rrd-avg",
      node: "pve1",
      values: { cpu_ratio: value, cpu_count: 2, mem_total_bytes: 2 ** 32, mem_used_bytes: 2 ** 31 },
    });
    for (let ts = now - 8 * dayMs; ts <= now; ts += hourMs) rows.push(at(ts, cpu));
    for (let ts = now - 36 * dayMs; ts <= now - 28 * dayMs && before !== undefined; ts += hourMs)
      rows.push(at(ts, before));
  }
  await store.append({
    batchId: "b1",
    cluster: "lab",
    source: "import",
    blocks: blocksFromRows(() => "guest", rows),
    marks: {},
  });
  store.rollup(now);
  return { fleet, store, nowMs: now };
}

describe("the class of a guest", () => {
  const classesOf = (guests: readonly Partial<GuestEntity>[]) =>
    classed(
      guests.map((guest, index) => ({
        entity: aGuest("lab", 100 + index, now, guest),
        values: { cpu_count: 2, mem_total_bytes: 2 ** 32 },
        valuesAt: now,
        periodS: 10,
      })),
    ).map((each) => each.class);

  it("is the stem of its name where five have it, else a tag, else its size", () => {
    const webs = [1, 2, 3, 4, 5].map((number) => ({ name: `web-${number}` }));
    const tagged = [1, 2, 3, 4, 5].map((number) => ({ name: `db${"abcde"[number - 1]}`, tags: ["db"] }));
    expect(classesOf([...webs, ...tagged, { name: "alone" }])).toEqual([
      ...webs.map(() => "VMs named web-*"),
      ...tagged.map(() => "VMs tagged db"),
      "VMs of 2 CPUs and 4 GiB",
    ]);
  });

  it("is none where nothing has five members", () => {
    expect(classesOf([{ name: "a" }, { name: "b" }])).toEqual([null, null]);
  });
});

describe("the percentile rank", () => {
  it("is the share of the others that are lower, ties by half", () => {
    expect(percentileRanks([1, 2, 3, 4, 5])).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(percentileRanks([2, 2, 2])).toEqual([0.5, 0.5, 0.5]);
  });

  it("lies between 0 and 1, is a half on average, and does not change with the unit", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 30 }), (values) => {
        const ranks = percentileRanks(values);
        for (const rank of ranks) expect(rank >= 0 && rank <= 1).toBe(true);
        expect(ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length).toBeCloseTo(0.5);
        expect(percentileRanks(values.map((value) => value * 8 + 3))).toEqual(ranks);
      }),
    );
  });
});

describe("the benchmark", () => {
  it("ranks each guest in its class and compares it with four weeks ago", async () => {
    const guests = [0.1, 0.2, 0.3, 0.4, 0.5].map((cpu, index) => ({ name: `web-${index}`, cpu, before: 0.2 }));
    const { rows } = await benchmarkOf(await measured(guests), "lab");
    const top = rows.find(({ name, metric }) => name === "web-4" && metric === "cpu_ratio");
    expect(top).toMatchObject({ class: "VMs named web-*", members: 5, rank: 1, percentile: 0.95 });
    expect(top?.value).toBeCloseTo(0.5, 1);
    expect(top?.past).toBeCloseTo(0.2, 1);
    expect(top?.classMedian).toBeCloseTo(0.3, 1);
  });

  it("knows no past where nothing was measured then, and no rank where there is no class", async () => {
    const { rows } = await benchmarkOf(await measured([{ name: "web-1", cpu: 0.3 }]), "lab");
    expect(rows.find(({ metric }) => metric === "cpu_ratio")).toMatchObject({
      past: null,
      class: null,
      rank: null,
      members: 1,
    });
    expect(rows.some(({ metric }) => metric === "net_in_bytes_per_second")).toBe(false);
  });
});

describe("who stands out", () => {
  const findings = async (cpus: readonly number[]) => {
    const guests = cpus.map((cpu, index) => ({ name: `web-${index}`, cpu }));
    return outlierFindings({ cluster: "lab", ...(await benchmarkOf(await measured(guests), "lab")) });
  };
  const alike = [0.2, 0.21, 0.22, 0.19, 0.2, 0.21, 0.23, 0.18];

  it("is told with its value and what its class has", async () => {
    const [found, ...others] = await findings([...alike, 0.9]);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ kind: "peer-outlier", key: "cpu_ratio", subject: "lab/guest/108~1" });
    expect(found?.message).toMatch(
      /^CPU of web-8 \(lab\/guest\/108~1\) is 90\.\d % \(p95 of seven days\), where 8 other VMs named web-\* have \d+\.\d % to \d+\.\d % as a rule\.$/,
    );
  });

  it("is nobody when the difference matters to nobody, or when there are too few to compare", async () => {
    expect(await findings(alike.map((cpu) => cpu / 100).concat(0.02))).toEqual([]);
    expect(await findings([...alike.slice(0, 6), 0.9])).toEqual([]);
  });
});
