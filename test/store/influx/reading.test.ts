// What is read from an InfluxDB, what from the database beside it, and what a sink that comes later is given.
import { describe, expect, it, onTestFinished } from "vitest";
import type { InfluxOptions } from "../../../src/store/drivers/influx/influx-options.ts";
import { InfluxServer } from "../../../src/store/drivers/influx/influx-server.ts";
import { InfluxSink } from "../../../src/store/drivers/influx/influx-sink.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";
import { aBatch, aRow, type EngineStore, engineStore, hour, samples, t0 } from "../build.ts";
import { fastClock } from "../fast-clock.ts";
import { startFront } from "./influx-front.ts";
import { freshOptions, influxd, runningInflux } from "./influx-under-test.ts";

const timeout = 60_000;
/** A sink that comes later walks through all of it. */
const retention = { rawDays: 2, fiveMinuteDays: 32, hourDays: 32 };
const guest = "demo/guest/100~1";
const tagsOf = (node: string) => [{ id: guest, name: "web", type: "qemu", node }];

describe.skipIf(influxd === undefined)("a store beside an InfluxDB", () => {
  const url = runningInflux();

  const open = async (dataDir: string, options: InfluxOptions | null, readFrom: string | null = null) => {
    const sinks = options === null ? [] : [{ name: "influx", kind: "influx", options }];
    const store = await engineStore(dataDir, { sinks, readFrom, retention }, { clock: fastClock(100) });
    let closed: Promise<void> | undefined;
    const close = async (): Promise<void> => (closed ??= store.close());
    onTestFinished(close);
    return { ...store, close };
  };
  const range = async (store: EngineStore, hours = 1) => {
    const query = { ids: [guest], metric: "cpu_ratio", aggregation: "avg", stepMs: 0 } as const;
    const { reader, frames } = await store.range({ ...query, fromMs: t0, toMs: t0 + hours * hour });
    return { reader, points: frames[0]?.timeMs.length };
  };
  const raised = (store: EngineStore): readonly string[] =>
    store.events.flatMap((each) =>
      each.event === "raise" && each.problem.code === "reader_failing" ? [each.problem.message] : [],
    );
  const stored = async (options: InfluxOptions): Promise<readonly string[]> => {
    const server = new InfluxServer(options);
    onTestFinished(async () => server.close());
    const series = await server.query("SELECT cpu_ratio FROM pve_guest GROUP BY *");
    return series.flatMap(({ tags = {}, values }) =>
      values.map(([time]) => `${tags["type"]} ${tags["node"]} ${String(time)}`),
    );
  };

  it("answers from the database while InfluxDB does not, says so, and goes back to it", async () => {
    const front = await startFront({ behind: url(), edition: "1" });
    const options = freshOptions(front.url);
    await fetch(`${url()}/query?q=CREATE+DATABASE+${options.bucket}`, { method: "POST" });
    const store = await open(temporaryDirectory(), options, "influx");
    await store.append(aBatch(samples(5)));
    expect(await range(store)).toEqual({ reader: "influx", points: 5 });

    front.fault = "refuses";
    await store.append(aBatch(samples(5, t0 + 60_000)));
    expect(await range(store)).toEqual({ reader: "duckdb", points: 10 });
    expect(raised(store)[0]).toContain("graphs come from the embedded database");

    front.fault = "none";
    await expect.poll(async () => range(store), { timeout }).toEqual({ reader: "influx", points: 10 });
    expect(store.events.some((each) => each.event === "clear" && each.code === "reader_failing")).toBe(true);
  });

  it("answers from the database what InfluxDB 3 Core cannot, without a word", async () => {
    const front = await startFront({ behind: url(), edition: "3", token: "t" });
    const store = await open(temporaryDirectory(), freshOptions(front.url, { token: "t" }), "influx");
    await store.append(aBatch(samples(5)));

    expect(await range(store, 72)).toEqual({ reader: "influx", points: 5 });
    expect(await range(store, 73)).toEqual({ reader: "duckdb", points: 5 });
    expect(raised(store)).toEqual([]);
  });

  it("gives a sink that comes later the stored past, and none of it twice", async () => {
    const dataDir = temporaryDirectory();
    const before = await open(dataDir, null);
    await before.append(aBatch([...samples(100, t0 - 3 * hour), ...samples(100, t0 - 60_000)]));
    await before.append(aBatch([aRow({ ts: t0 - 30 * 24 * hour, stepS: 1800, origin: "rrd-avg", node: null })]));
    await before.close();

    const options = freshOptions(url());
    const store = await open(dataDir, options);
    store.engine.describe(tagsOf("pve1"));
    await store.append(aBatch(samples(10, t0 + hour / 2)));
    const status = async () => (await store.stats()).sinks.find(({ name }) => name === "influx");
    await expect.poll(status, { timeout }).toMatchObject({ state: "ok", batchesPending: 0, backfill: null });

    const rows = await stored(options);
    expect(rows).toHaveLength(211);
    expect(new Set(rows).size).toBe(211);
    expect(rows.every((row) => row.startsWith("qemu pve1 "))).toBe(true);
  });

  it("waits with a batch until it is told of what is new, and writes it without after a while", async () => {
    const options = freshOptions(url());
    const store = await open(temporaryDirectory(), options);
    store.engine.describe([]);
    await store.append(aBatch(samples(3)));
    const status = async () => (await store.stats()).sinks.find(({ name }) => name === "influx");
    await expect.poll(async () => (await status())?.reason, { timeout }).toContain(`Nothing is known of ${guest} yet`);
    store.engine.describe(tagsOf("pve1"));
    await expect.poll(status, { timeout }).toMatchObject({ batchesPending: 0 });
    expect((await stored(options)).every((row) => row.startsWith("qemu "))).toBe(true);

    await store.append(aBatch([aRow({ id: "demo/guest/200~1", ts: t0 + hour })]));
    await expect.poll(status, { timeout }).toMatchObject({ batchesPending: 0 });
    expect(await stored(options)).toHaveLength(4);
  });

  it("keeps what was written under both the node of the row and a guest that has moved", async () => {
    const options = freshOptions(url());
    const sink = new InfluxSink({ name: "influx", options, clock: fastClock(1), tags: null });
    onTestFinished(async () => sink.close());
    const { signal } = new AbortController();
    const batch = aBatch([aRow({ node: "pve1" }), aRow({ node: "pve2", ts: t0 + 10_000 })]);
    await sink.write(batch, signal);

    expect(await sink.verify(batch, signal)).toBe(true);
  });
});
