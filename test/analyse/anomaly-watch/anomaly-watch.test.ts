import { describe, expect, it } from "vitest";
import type { AnomalyRecord } from "../../../src/model/anomalies.ts";
import { aGuest, aNode } from "../../build.ts";
import { dayMs, minuteMs, monday, usualCpu, watchedCluster, web } from "./watched-cluster.ts";

const days = 30;
const end = monday + days * dayMs;
const spikeAt = monday + 20 * dayMs + 10 * 60 * minuteMs;
const inSpike = (atMs: number): boolean => atMs >= spikeAt && atMs < spikeAt + 60 * minuteMs;
const withSpike = (atMs: number): number => (inSpike(atMs) ? 0.9 + usualCpu(atMs) / 5 : usualCpu(atMs));
/** Just after the rows of `toMs` are complete. */
const justAfter = (toMs: number): number => toMs + 3 * minuteMs;

async function learned(value = usualCpu, toMs = end) {
  const cluster = await watchedCluster();
  await cluster.measure({ fromMs: monday, toMs }, (atMs) => value(atMs));
  await cluster.run(justAfter(toMs));
  return cluster;
}

describe("the first run", () => {
  it("lists what was unusual in the stored weeks, after two weeks of learning, and raises nothing that is over", async () => {
    const cluster = await watchedCluster();
    await cluster.measure({ fromMs: monday, toMs: end }, withSpike);
    const outcome = await cluster.run(justAfter(end));
    expect(outcome.findings).toEqual([]);
    const [found, ...others] = cluster.anomalies();
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      subject: web,
      name: "web-0",
      metric: "cpu_ratio",
      open: false,
      cause: null,
      stepS: 300,
    });
    expect(found?.fromMs).toBeLessThanOrEqual(spikeAt);
    expect(found?.noticedMs).toBe(spikeAt);
    expect(found?.toMs).toBe(spikeAt + 60 * minuteMs);
    expect(found?.peak?.value).toBeCloseTo(0.95, 1);
    expect(found?.high).toBeLessThan(0.5);
    expect(found?.message).toMatch(
      /^CPU of web-0 \(lab\/guest\/100~1\) (was|jumped to) 9\d\.\d % at 2026-03-22 10:00 UTC, where .* to .* was to be expected; nothing is on record/,
    );
    expect(cluster.keys()).toContain(`anomaly-day\nlab\n2026-03-22`);
  });

  it("watches on half hours where that is all there is, as on the first day with a cluster", async () => {
    const cluster = await watchedCluster();
    const coarse = (atMs: number): number => (inSpike(atMs) ? 0.9 + usualCpu(atMs) / 5 : usualCpu(atMs));
    await cluster.measure({ fromMs: monday, toMs: end - dayMs, stepMs: 30 * minuteMs }, coarse);
    await cluster.measure({ fromMs: end - dayMs, toMs: end }, coarse);
    await cluster.run(justAfter(end));
    expect(cluster.state()).toMatchObject({ watched: 1, ofHalfHours: 1 });
    expect(cluster.anomalies()).toMatchObject([{ noticedMs: spikeAt, stepS: 1800 }]);
  });

  it("says how much history there is where two weeks are missing", async () => {
    const cluster = await watchedCluster();
    await cluster.measure({ fromMs: end - 3 * dayMs, toMs: end }, usualCpu);
    await cluster.run(justAfter(end));
    expect(cluster.state()).toMatchObject({ watched: 0, longestDays: 2, watchedToMs: end });
    expect(cluster.anomalies()).toEqual([]);
  });

  it("learns a slice only, and the rest in the runs after", async () => {
    const cluster = await watchedCluster(2);
    for (const id of [web, "lab/guest/101~1"])
      for (const metric of ["cpu_ratio", "mem_used_bytes"])
        await cluster.measure({ fromMs: monday, toMs: end }, usualCpu, { id, metric });
    cluster.restart(1);
    const seen: (readonly [watched: number, waiting: number])[] = [];
    for (let run = 0; run < 40 && seen.at(-1)?.[1] !== 0; run++) {
      await cluster.run(justAfter(end) + run * 5 * minuteMs);
      const { watched, waiting } = cluster.state();
      seen.push([watched, waiting]);
    }
    expect(new Set(seen.map(([watched]) => watched))).toEqual(new Set([2, 4]));
    expect(seen.at(-1)).toEqual([4, 0]);
  });
});

describe("an anomaly that begins", () => {
  it("is a finding while it lasts, and is over when the series is as ever again", async () => {
    const cluster = await learned();
    await cluster.measure({ fromMs: end, toMs: end + 30 * minuteMs }, () => 0.97);
    const during = await cluster.run(justAfter(end + 30 * minuteMs));
    expect(during.findings).toMatchObject([
      { kind: "anomaly", subject: web, key: "cpu_ratio", certainty: "measured", fields: { metric: "cpu_ratio" } },
    ]);
    expect(during.findings?.[0]?.evidence[0]?.series).toEqual({ id: web, metric: "cpu_ratio" });
    const calm = { fromMs: end + 30 * minuteMs, toMs: end + 60 * minuteMs };
    await cluster.measure(calm, usualCpu);
    expect((await cluster.run(justAfter(calm.toMs))).findings).toEqual([]);
    expect(cluster.anomalies()).toMatchObject([{ open: false, toMs: end + 30 * minuteMs }]);
  });

  it("is told once, however long it lasts", async () => {
    const cluster = await learned();
    for (let run = 1; run <= 12; run++) {
      const toMs = end + run * 30 * minuteMs;
      await cluster.measure({ fromMs: toMs - 30 * minuteMs, toMs }, () => 0.9);
      const { findings = [] } = await cluster.run(justAfter(toMs));
      expect(findings.filter(({ key }) => key === "cpu_ratio")).toHaveLength(1);
    }
    expect(cluster.anomalies().filter(({ reason }) => reason !== "flat")).toHaveLength(1);
  });

  it("is muted by a backup and kept with it, and told when it outlasts the backup by an hour", async () => {
    const cluster = await learned();
    await cluster.event({ at: end - 2 * minuteMs, endedAt: end + 20 * minuteMs, type: "vzdump", text: "100" });
    const toMs = end + 30 * minuteMs;
    await cluster.measure({ fromMs: end, toMs }, (atMs) => 0.9 + (atMs % 7) / 100);
    expect((await cluster.run(justAfter(toMs))).findings).toEqual([]);
    expect(cluster.anomalies()).toMatchObject([{ open: true, cause: { cause: "backup", text: "vzdump 100" } }]);
    expect(cluster.anomalies()[0]?.message).toMatch(/within 10 minutes of it: vzdump 100 \(23:58, ok\)\.$/);
    await cluster.measure({ fromMs: toMs, toMs: end + 120 * minuteMs }, usualCpuAbove);
    const later = await cluster.run(justAfter(end + 120 * minuteMs));
    expect(later.findings).toHaveLength(1);
  });

  it("is muted when the event that explains it is known only afterwards", async () => {
    const cluster = await learned();
    await cluster.measure({ fromMs: end, toMs: end + 5 * minuteMs }, () => 0.97);
    expect((await cluster.run(justAfter(end + 5 * minuteMs))).findings).toHaveLength(1);
    await cluster.event({ at: end + 2 * minuteMs, type: "qmreboot" });
    await cluster.measure({ fromMs: end + 5 * minuteMs, toMs: end + 10 * minuteMs }, () => 0.97);
    expect((await cluster.run(justAfter(end + 10 * minuteMs))).findings).toEqual([]);
  });

  it("is kept as slight when nobody would care", async () => {
    const quiet = (atMs: number): number => 0.01 + (usualCpu(atMs) - 0.1) / 100;
    const cluster = await learned(quiet);
    await cluster.measure({ fromMs: end, toMs: end + 30 * minuteMs }, () => 0.04);
    expect((await cluster.run(justAfter(end + 30 * minuteMs))).findings).toEqual([]);
    expect(cluster.anomalies()[0]?.cause?.cause).toBe("slight");
  });

  it("names a value that stands still as a flat line", async () => {
    const cluster = await learned();
    await cluster.measure({ fromMs: end, toMs: end + 90 * minuteMs }, () => 0.1);
    const { findings = [] } = await cluster.run(justAfter(end + 90 * minuteMs));
    const flat = findings.find(({ key }) => key === "cpu_ratio.flat");
    expect(flat?.message).toMatch(/stood still at 10\.0 % from 2026-04-01 00:00/);
  });

  it("is over with a guest that was deleted", async () => {
    const cluster = await learned();
    await cluster.measure({ fromMs: end, toMs: end + 30 * minuteMs }, () => 0.97);
    expect((await cluster.run(justAfter(end + 30 * minuteMs))).findings).toHaveLength(1);
    cluster.changed([aGuest("lab", 100, end, { goneAt: end + 31 * minuteMs })]);
    expect((await cluster.run(justAfter(end + 35 * minuteMs))).findings).toEqual([]);
    expect(cluster.anomalies()).toMatchObject([{ open: false }]);
  });
});

describe("a restart", () => {
  it("tells nothing twice, goes on with what lasts, and catches up on what happened meanwhile", async () => {
    const cluster = await learned(withSpike);
    await cluster.measure({ fromMs: end, toMs: end + 30 * minuteMs }, () => 0.97);
    await cluster.run(justAfter(end + 30 * minuteMs));
    const before = cluster.anomalies();
    expect(before).toHaveLength(2);
    cluster.restart();
    const outcome = await cluster.run(justAfter(end + 30 * minuteMs));
    expect(outcome.findings).toHaveLength(1);
    const lasting = ({ id, open, toMs, message }: AnomalyRecord) => ({ id, open, toMs, message });
    expect(cluster.anomalies().map(lasting)).toEqual(before.map(lasting));

    const down = { fromMs: end + 30 * minuteMs, toMs: end + 2 * dayMs };
    const meanwhile = end + dayMs + 8 * 60 * minuteMs;
    await cluster.measure(down, (atMs) =>
      atMs >= meanwhile && atMs < meanwhile + 40 * minuteMs ? 2.5 : usualCpu(atMs),
    );
    cluster.restart();
    await cluster.run(justAfter(down.toMs));
    const found = cluster.anomalies();
    expect(found.filter(({ open }) => open)).toEqual([]);
    expect(found.filter(({ noticedMs }) => noticedMs <= end)).toHaveLength(2);
    expect(found.some(({ noticedMs }) => noticedMs === meanwhile)).toBe(true);
  });
});

describe("what was told", () => {
  it("does not change when later rows come: the watch never looks ahead", async () => {
    const short = await learned(withSpike, spikeAt + 5 * minuteMs);
    const long = await learned(withSpike, end);
    const told = ({ noticedMs, fromMs, reason }: { noticedMs: number; fromMs: number; reason: string }) => ({
      noticedMs,
      fromMs,
      reason,
    });
    expect(
      long
        .anomalies()
        .filter(({ noticedMs }) => noticedMs <= spikeAt)
        .map(told),
    ).toEqual(short.anomalies().map(told));
    expect(short.anomalies()).toHaveLength(1);
  });
});

describe("a guest that is not measured", () => {
  const silentTo = end + 40 * minuteMs;
  const answering = async (cluster: Awaited<ReturnType<typeof watchedCluster>>, up: number) =>
    cluster.append([
      {
        id: "lab/target/pve1",
        ts: silentTo,
        stepS: 10,
        origin: "self",
        node: null,
        values: { up, duration_seconds: 0.1 },
      },
    ]);

  it("is told while its node answers, and not any more when rows come again", async () => {
    const cluster = await learned();
    await answering(cluster, 1);
    const { findings } = await cluster.run(justAfter(silentTo));
    expect(findings).toMatchObject([{ key: "cpu_ratio.gap", severity: "warning" }]);
    expect(findings?.[0]?.message).toMatch(
      /^web-0 .* has not been measured from 2026-04-01 00:00 to 00:40 UTC, although/,
    );
    await cluster.measure({ fromMs: silentTo, toMs: silentTo + 15 * minuteMs }, usualCpu);
    expect((await cluster.run(justAfter(silentTo + 15 * minuteMs))).findings).toEqual([]);
  });

  it("is not told when its node does not answer, or when the guest is off", async () => {
    const cluster = await learned();
    await answering(cluster, 0);
    expect((await cluster.run(justAfter(silentTo))).findings).toEqual([]);
    await answering(cluster, 1);
    cluster.changed([aGuest("lab", 100, end, { status: "stopped" }), aNode("lab", "pve1", end)]);
    expect((await cluster.run(justAfter(silentTo) + minuteMs)).findings).toEqual([]);
  });
});

const usualCpuAbove = (atMs: number): number => 0.85 + usualCpu(atMs) / 4;
