// A store with sinks behind it, and everything that sinks do: after each fault every row is there once, nothing is
// dropped that need not be, and what is wrong can be seen.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Batch, Row } from "../../src/model/batch.ts";
import { encodeBatch } from "../../src/model/batch-codec.ts";
import type { SinkStatus } from "../../src/model/sink.ts";
import type { EngineOptions } from "../../src/store/engine-parts.ts";
import { usualLimits } from "../../src/store/sinks/delivery.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { aBatch, aRow, type EngineStore, engineStore, hour, minute, samples, t0 } from "./build.ts";
import { FakeSink, type Fault, kindsOf, settingsOf } from "./fake-sink.ts";
import { fastClock } from "./fast-clock.ts";

const speed = 600;

async function open(
  directory: string,
  sinks: readonly FakeSink[],
  options: Partial<EngineOptions> = {},
  factor = speed,
): Promise<EngineStore> {
  const store = await engineStore(
    directory,
    { sinks: settingsOf(...sinks), ...options },
    { clock: fastClock(factor), sinkKinds: kindsOf(...sinks) },
  );
  onTestFinished(async () => store.close());
  return store;
}

const status = async (store: EngineStore, name = "fake"): Promise<SinkStatus> => {
  const found = (await store.stats()).sinks.find((sink) => sink.name === name);
  if (found === undefined) throw new Error(`there is no sink ${name}`);
  return found;
};

/** One poll's worth of rows. */
const slot = (number: number, guests = 10): Row[] =>
  Array.from({ length: guests }, (_, i) =>
    samples(1, t0 + number * 10_000, () => number, { id: `demo/guest/${100 + i}~1` }),
  ).flat();

/** Polls of many guests with four metrics each, made of one. */
function pollsOf(guests: number): (number: number) => Batch {
  const values = {
    cpu_ratio: 0.5,
    mem_used_bytes: 2 ** 31,
    net_in_bytes_per_second: 1e4,
    net_out_bytes_per_second: 1e3,
  };
  const rows = Array.from({ length: guests }, (_, i) => aRow({ id: `demo/guest/${100 + i}~1`, values }));
  const one = aBatch(rows);
  return (number) => ({
    ...one,
    batchId: `poll-${number}`,
    blocks: one.blocks.map((block) => ({
      ...block,
      ts: block.ts.map((ts) => ts + number * 10_000),
      columns: Object.fromEntries(
        Object.entries(block.columns).map(([metric, column], i) => [
          metric,
          column.map((value, row) => value + Math.sin(number * 7 + row * 3 + i)),
        ]),
      ),
    })),
  });
}

const append = async (store: EngineStore, from: number, to: number): Promise<void> => {
  for (let number = from; number < to; number++)
    await store.append(aBatch(slot(number), { batchId: `slot-${number}` }));
};

const timeout = 10_000;
const settled = async (store: EngineStore, name = "fake"): Promise<void> =>
  expect.poll(async () => status(store, name), { timeout }).toMatchObject({ state: "ok", batchesPending: 0 });
const raised = (store: EngineStore, code: string): boolean =>
  store.events.some((event) => event.event === "raise" && event.problem.code === code);
const cleared = (store: EngineStore, code: string): boolean =>
  store.events.some((event) => event.event === "clear" && event.code === code);

describe("a sink that works", () => {
  it("gets every batch at once, and is read back before the journal lets go", async () => {
    const sink = new FakeSink();
    const delivery = { ...usualLimits, readBackMs: 10 * minute };
    const store = await open(temporaryDirectory(), [sink], { segmentBytes: 500, delivery });
    await append(store, 0, 20);
    await settled(store);

    const before = (await store.stats()).journalSegments;
    await store.engine.checkpoint();
    expect((await store.stats()).journalSegments).toBe(before);
    await expect.poll(async () => (await status(store)).batchesUnverified, { timeout }).toBe(0);
    await expect
      .poll(
        async () => {
          await store.engine.checkpoint();
          return (await store.stats()).journalSegments;
        },
        { timeout },
      )
      .toBe(1);

    expect(sink.rows.size).toBe(200);
    expect(await status(store)).toMatchObject({ state: "ok", reason: null, batchesDropped: 0, batchesResent: 0 });
    expect((await store.stats()).sinks.map(({ name, kind }) => [name, kind])).toEqual([
      ["duckdb", "duckdb"],
      ["fake", "fake"],
    ]);
  });

  it("is not held up by another one that does not", async () => {
    const good = new FakeSink("good");
    const bad = new FakeSink("bad");
    bad.fault = "hangs";
    const store = await open(temporaryDirectory(), [good, bad]);
    await append(store, 0, 10);

    await settled(store, "good");

    expect(good.rows.size).toBe(100);
    expect(await status(store, "bad")).toMatchObject({ batchesPending: 10 });
  });

  it("goes on after a restart where it was, and repeats only what the cursor had not noted", async () => {
    const directory = temporaryDirectory();
    const sink = new FakeSink();
    const first = await open(directory, [sink]);
    await append(first, 0, 10);
    await settled(first);
    sink.fault = "refuses";
    await append(first, 10, 20);
    await first.close();
    sink.fault = "none";

    const again = await open(directory, [sink]);
    await settled(again);

    expect(sink.rows.size).toBe(200);
    expect(sink.taken.map(({ batchId }) => batchId).sort()).toEqual(
      Array.from({ length: 20 }, (_, number) => `slot-${number}`).sort(),
    );
  });

  it("gets everything in the journal again when its cursor is lost or broken", async () => {
    const directory = temporaryDirectory();
    const sink = new FakeSink();
    const first = await open(directory, [sink]);
    await append(first, 0, 10);
    await settled(first);
    await first.close();
    sink.rows.clear();
    writeFileSync(join(directory, "sinks/fake/cursor.json"), "{ half a");

    const again = await open(directory, [sink]);

    await expect.poll(() => sink.rows.size, { timeout }).toBe(100);
    expect(raised(again, "sink_dropped")).toBe(false);
  });
});

describe("an outage of 180 slots", () => {
  // The last one takes nothing, so that what waits at the end does not depend on how fast this machine is.
  const faults: readonly Fault[] = ["hangs", "loses-ack", "unauthorised", "forgets", "refuses"];

  it("loses nothing, shows the newest slot first, drains faster than it grew", {
    timeout: 60_000,
  }, async () => {
    const sink = new FakeSink();
    const guests = 300;
    const slower = 150;
    const store = await open(temporaryDirectory(), [sink], {}, slower);
    await store.append(aBatch(slot(0, guests), { batchId: "slot-0" }));
    await settled(store);
    for (let number = 1; number <= 180; number++) {
      sink.fault = faults[Math.floor(number / 37) % faults.length] ?? "refuses";
      await store.append(aBatch(slot(number, guests), { batchId: `slot-${number}` }));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    sink.fault = "refuses";
    await expect.poll(async () => (await status(store)).state, { timeout }).toBe("retrying");

    const waiting = (await status(store)).batchesPending;
    await store.append(aBatch(slot(181, guests), { batchId: "slot-181" }));
    sink.taken.length = 0;
    sink.fault = "none";
    const back = performance.now();
    await expect
      .poll(() => sink.taken.some(({ batchId }) => batchId === "slot-181"), { timeout, interval: 2 })
      .toBe(true);
    const freshMs = (performance.now() - back) * slower;
    const fresh = sink.taken.findIndex(({ batchId }) => batchId === "slot-181");
    await settled(store);
    const drainedMs = performance.now() - back;
    await expect.poll(async () => (await status(store)).batchesUnverified, { timeout }).toBe(0);

    expect(waiting).toBeGreaterThan(20);
    // The present before the past.
    expect(fresh).toBe(0);
    expect(freshMs).toBeLessThan(15_000);
    expect(sink.rows.size).toBe(182 * guests);
    expect([...sink.rows.values()].every((row) => row.values["cpu_ratio"] === (row.ts - t0) / 10_000)).toBe(true);
    expect(await status(store)).toMatchObject({ batchesDropped: 0, rowsRejected: 0 });
    // At ten seconds a slot; this is real time, not the clock's.
    expect((waiting * 10_000) / drainedMs).toBeGreaterThan(20);
    expect(raised(store, "sink_failing")).toBe(true);
    expect(cleared(store, "sink_failing")).toBe(true);
  });
});

it("costs disk and no memory while a sink is down", { timeout: 90_000 }, async () => {
  const sink = new FakeSink();
  sink.keepsNothing = true;
  const store = await open(temporaryDirectory(), [sink], { memoryLimit: "96MB" });
  const poll = pollsOf(10_000);
  const polls = async (from: number, to: number): Promise<void> => {
    for (let number = from; number < to; number++) {
      await store.append(poll(number));
      // The database takes what is pending before it answers, so that only the sink's backlog grows.
      await store.latest("cluster", t0);
    }
  };
  // Not the whole process: database and allocator move by more than this by themselves.
  const held = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  await polls(0, 10);
  await settled(store);
  sink.fault = "refuses";
  const before = held();

  await polls(10, 85);

  const { batchesPending } = await status(store);
  expect(batchesPending * encodeBatch(poll(0)).byteLength).toBeGreaterThan(38 * 2 ** 20);
  expect(held() - before).toBeLessThan(30 * 2 ** 20);
});

describe("a sink that", () => {
  it("refuses our token is held: nothing is dropped, it is asked once a minute, and goes on when it is mended", async () => {
    const sink = new FakeSink();
    sink.fault = "unauthorised";
    const slower = 100;
    const store = await open(temporaryDirectory(), [sink], {}, slower);
    await append(store, 0, 5);
    await expect.poll(async () => (await status(store)).state, { timeout }).toBe("held");
    const { attempts } = sink;
    const begun = performance.now();
    for (let number = 5; number < 30; number++) await append(store, number, number + 1);

    expect((await status(store)).reason).toContain("401 unauthorized");
    const minutes = ((performance.now() - begun) * slower) / minute;
    expect(sink.attempts - attempts).toBeLessThanOrEqual(Math.ceil(minutes));
    expect(store.events).toContainEqual(
      expect.objectContaining({
        problem: expect.objectContaining({ code: "sink_held", subject: "sink/fake", severity: "critical" }) as unknown,
      }),
    );
    sink.fault = "none";
    await settled(store);

    expect(sink.rows.size).toBe(300);
    expect(cleared(store, "sink_held")).toBe(true);
    expect(await status(store)).toMatchObject({ batchesDropped: 0 });
  });

  it.each([false, true])("cannot take one row in 5,000 gets all others (tells which: %s)", async (tellsRows) => {
    const directory = temporaryDirectory();
    const sink = new FakeSink();
    sink.tellsRows = tellsRows;
    sink.isPoison = ({ id }) => id === "demo/guest/3210~1";
    const store = await open(directory, [sink]);
    await store.append(aBatch(slot(7, 5000), { batchId: "poisoned" }));
    await append(store, 8, 10);
    await settled(store);
    await expect.poll(async () => (await status(store)).batchesUnverified, { timeout }).toBe(0);

    const lines = readFileSync(join(directory, "sinks/fake/rejected.jsonl"), "utf8").trimEnd().split("\n");
    expect(sink.rows.size).toBe(4_999 + 20);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        at: expect.any(String) as unknown,
        batch_id: "poisoned",
        row_number: 3110,
        reason: tellsRows ? "field type conflict" : "unable to parse a line",
        row: {
          id: "demo/guest/3210~1",
          ts: new Date(t0 + 70_000).toISOString(),
          step_s: 10,
          origin: "export",
          node: "pve1",
          values: { cpu_ratio: 7 },
        },
      },
    ]);
    expect(await status(store)).toMatchObject({ rowsRejected: 1, batchesDropped: 0, batchesResent: 0 });
    expect(raised(store, "sink_rejected_rows")).toBe(true);
    // Halving finds it; it does not try row by row.
    expect(sink.attempts).toBeLessThan(40);
  });

  it("refuses everything as malformed is held, and nothing of it is thrown away", async () => {
    const directory = temporaryDirectory();
    const sink = new FakeSink();
    sink.isPoison = () => true;
    const store = await open(directory, [sink]);
    await store.append(aBatch(slot(1, 500)));
    await expect.poll(async () => (await status(store)).state, { timeout }).toBe("held");

    expect((await status(store)).reason).toContain("its schema does not fit");
    expect(existsSync(join(directory, "sinks/fake/rejected.jsonl"))).toBe(false);
    sink.isPoison = () => false;
    await settled(store);
    expect(sink.rows.size).toBe(500);
  });

  it("acknowledges and forgets is found out by the read-back and gets it again", async () => {
    const sink = new FakeSink();
    const store = await open(temporaryDirectory(), [sink], { segmentBytes: 500 });
    await append(store, 0, 5);
    await settled(store);
    sink.fault = "forgets";
    await append(store, 5, 15);
    await expect.poll(() => raised(store, "sink_lost_rows"), { timeout }).toBe(true);
    await store.engine.checkpoint();
    sink.fault = "none";
    await expect
      .poll(async () => status(store), { timeout })
      .toMatchObject({ batchesPending: 0, batchesUnverified: 0 });

    expect(sink.rows.size).toBe(150);
    expect((await status(store)).batchesResent).toBeGreaterThanOrEqual(10);
    expect(await status(store)).toMatchObject({ batchesDropped: 0 });
  });

  it("is down for longer than the journal reaches loses the oldest batches, exactly counted, and never the newest", async () => {
    const sink = new FakeSink();
    sink.fault = "refuses";
    const store = await open(temporaryDirectory(), [sink], {
      segmentBytes: 2_000,
      journalMaxBytes: 8_000,
      applyRows: 20,
    });
    const all = 120;
    for (let number = 0; number < all; number += 4) {
      await append(store, number, number + 4);
      // The database takes what is pending before it answers.
      await store.latest("cluster", t0);
    }
    expect((await store.stats()).journalBytes).toBeLessThanOrEqual(8_000);
    const { batchesDropped, batchesPending } = await status(store);
    expect(raised(store, "sink_dropped")).toBe(true);
    sink.fault = "none";
    await settled(store);

    const arrived = [...new Set([...sink.rows.values()].map(({ ts }) => (ts - t0) / 10_000))].sort((a, b) => a - b);
    expect(batchesDropped + batchesPending).toBe(all);
    expect(arrived).toEqual(Array.from({ length: batchesPending }, (_, i) => all - batchesPending + i));
    expect(await status(store)).toMatchObject({ batchesDropped });
    // The database had them all: it was never in the way.
    expect((await store.stats()).batchesDropped).toBe(0);
  });

  it("wants to be left alone for a while is left alone", async () => {
    const { LaneTrouble } = await import("../../src/store/sinks/lane-trouble.ts");
    const { SinkError } = await import("../../src/lib/errors.ts");
    const lane = new LaneTrouble(() => 0);
    lane.failed(new SinkError("429 Too Many Requests", "passing", { retryAfterMs: 20_000 }), 5, 0);

    expect(lane.waitMs(5, 0)).toBe(20_000);
    expect(lane.waitMs(6, 0)).toBe(20_000);
    lane.failed(new SinkError("503", "passing"), 6, 20_000);
    expect([lane.waitMs(6, 20_000), lane.waitMs(7, 20_000)]).toEqual([2_000, 2_000]);
    for (let i = 0; i < 20; i++) lane.failed(new SinkError("503", "passing"), 7, 30_000);
    expect([lane.waitMs(7, 30_000), lane.waitMs(8, 30_000)]).toEqual([60_000, 5_000]);
    lane.failed(new SinkError("401", "person"), 8, 40_000);
    expect([lane.waitMs(8, 40_000), lane.waitMs(9, 40_000)]).toEqual([60_000, 60_000]);
  });
});

describe("a sink that comes later", () => {
  it("gets what is stored, newest first, then everything new; and goes on with it after a restart", {
    timeout: 60_000,
  }, async () => {
    const directory = temporaryDirectory();
    const before = await open(directory, []);
    await append(before, 0, 30);
    await before.append(
      aBatch(
        samples(1, t0 - 3 * 24 * hour, () => 77, { origin: "rrd-avg", stepS: 1800 }),
        { batchId: "imported" },
      ),
    );
    await before.rollup(t0 + hour);
    await before.close();

    const sink = new FakeSink();
    const first = await open(directory, [sink], { retention: { rawDays: 1, fiveMinuteDays: 2, hourDays: 4 } });
    await append(first, 30, 31);
    await expect.poll(() => sink.taken.length, { timeout, interval: 1 }).toBeGreaterThan(1);
    await first.close();
    const again = await open(directory, [sink], { retention: { rawDays: 1, fiveMinuteDays: 2, hourDays: 4 } });
    await expect.poll(async () => (await status(again)).backfill, { timeout: 30_000 }).toBeNull();

    const rows = [...sink.rows.values()];
    expect(
      rows
        .filter(({ origin }) => origin === "export")
        .map(({ ts }) => ts)
        .sort((a, b) => a - b),
    ).toEqual(
      Array.from({ length: 31 }, (_, number) => t0 + number * 10_000).flatMap((ts) =>
        Array.from({ length: 10 }, () => ts),
      ),
    );
    expect(rows.filter(({ origin }) => origin === "rrd-avg")).toMatchObject([
      { ts: t0 - 3 * 24 * hour, stepS: 1800, values: { cpu_ratio: 77 } },
    ]);
    const order = sink.taken.map(({ batchId }) => batchId);
    // The newest window first, and none again that was given before the restart.
    expect(order).toHaveLength(3);
    expect(order.at(-1)).toBe(order.filter((id) => id.startsWith("backfill-")).at(-1));
    expect((await status(again)).batchesPending).toBe(0);
  });
});

describe("a sink that was away", () => {
  it("for longer than the journal reaches gets what it missed from what is stored, and nothing twice", {
    timeout: 60_000,
  }, async () => {
    const directory = temporaryDirectory();
    const sink = new FakeSink();
    const retention = { rawDays: 0.1, fiveMinuteDays: 0.1, hourDays: 0.1 };
    const first = await open(directory, [sink], { segmentBytes: 500, retention });
    await append(first, 0, 5);
    await settled(first);
    await first.close();
    const without = await open(directory, [], { segmentBytes: 500, retention });
    await append(without, 5, 25);
    await without.engine.checkpoint();
    await without.close();

    const again = await open(directory, [sink], { segmentBytes: 500, retention });
    await append(again, 25, 26);
    await expect.poll(async () => (await status(again)).backfill, { timeout: 30_000 }).toBeNull();
    await settled(again);

    expect(sink.rows.size).toBe(260);
    expect(await status(again)).toMatchObject({ batchesDropped: 0 });
  });

  it("gets new batches after database and journal were lost, though numbers would begin anew", async () => {
    const directory = temporaryDirectory();
    const sink = new FakeSink();
    const first = await open(directory, [sink]);
    await append(first, 0, 10);
    await settled(first);
    await first.close();
    for (const name of ["journal", "metrics.duckdb", "metrics.duckdb.wal"])
      rmSync(join(directory, name), { recursive: true, force: true });

    const again = await open(directory, [sink]);
    await append(again, 10, 13);
    await settled(again);

    expect(sink.rows.size).toBe(130);
  });
});

it("does not count a batch as delivered while its rejected rows cannot be kept", async () => {
  const directory = temporaryDirectory();
  const sink = new FakeSink();
  sink.isPoison = ({ id }) => id === "demo/guest/103~1";
  const blocked = join(directory, "sinks/fake/rejected.jsonl");
  mkdirSync(blocked, { recursive: true });
  const store = await open(directory, [sink]);
  await append(store, 0, 1);
  await expect.poll(async () => (await status(store)).state, { timeout }).toBe("retrying");
  expect(await status(store)).toMatchObject({ batchesPending: 1, rowsRejected: 0 });

  rmSync(blocked, { recursive: true });
  await settled(store);

  expect(await status(store)).toMatchObject({ rowsRejected: 1 });
  expect(readFileSync(blocked, "utf8").trimEnd().split("\n")).toHaveLength(1);
});

it("refuses to open with a kind of sink that there is not, and names those that there are", async () => {
  const opening = engineStore(
    temporaryDirectory(),
    { sinks: [{ name: "x", kind: "carrier-pigeon", options: {} }] },
    { sinkKinds: kindsOf() },
  );

  await expect(opening).rejects.toThrow('The sink x is of kind "carrier-pigeon", which there is not; there are: fake.');
});

it("keeps its limits as the guide to operators says", () => {
  expect(usualLimits).toMatchObject({ deadlineMs: 30_000, readBackMs: minute, saveMs: 1_000 });
});
