// What goes wrong between us and a real InfluxDB: a clear state, an alert, nothing lost and nothing silent.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Row } from "../../../src/model/batch.ts";
import type { SinkStatus } from "../../../src/model/sink.ts";
import type { InfluxOptions } from "../../../src/store/drivers/influx/influx-options.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";
import { aBatch, aRow, type EngineStore, engineStore, samples, t0 } from "../build.ts";
import { fastClock } from "../fast-clock.ts";
import { startFront } from "./influx-front.ts";
import { cpuInInflux, freshOptions, influxd, influxSink, runningInflux } from "./influx-under-test.ts";

const timeout = 30_000;
const guest = "demo/guest/100~1";

interface Opened {
  readonly store: EngineStore;
  readonly dataDir: string;
}

async function openStore(options: InfluxOptions): Promise<Opened> {
  const dataDir = temporaryDirectory();
  const store = await engineStore(
    dataDir,
    { sinks: [{ name: "influx", kind: "influx", options }] },
    { clock: fastClock(20) },
  );
  onTestFinished(async () => store.close());
  return { store, dataDir };
}

const status = async ({ store }: Opened): Promise<SinkStatus> => {
  const found = (await store.stats()).sinks.find(({ name }) => name === "influx");
  if (found === undefined) throw new Error("there is no sink influx");
  return found;
};
const problem = ({ store }: Opened, code: string): string | undefined =>
  store.events.flatMap((each) =>
    each.event === "raise" && each.problem.code === code ? [each.problem.message] : [],
  )[0];

describe.skipIf(influxd === undefined)("bad input", () => {
  const url = runningInflux();
  const write = async ({ bucket }: InfluxOptions, line: string): Promise<void> => {
    await fetch(`${url()}/query?q=CREATE+DATABASE+${bucket}`, { method: "POST" });
    const { status: answer } = await fetch(`${url()}/write?db=${bucket}`, { method: "POST", body: line });
    expect(answer).toBe(204);
  };

  it("a wrong token holds the sink and says so; with the right one everything arrives", async () => {
    const front = await startFront({ behind: url(), edition: "2", token: "right", org: "ops" });
    const options = freshOptions(front.url, { token: "wrong", org: "ops" });
    const opened = await openStore(options);
    await opened.store.append(aBatch(samples(3)));
    await expect.poll(async () => status(opened), { timeout }).toMatchObject({ state: "held", batchesPending: 1 });

    expect(problem(opened, "sink_held")).toContain("check its token");
    front.tokens.add("wrong");
    await expect.poll(async () => status(opened), { timeout }).toMatchObject({ state: "ok", batchesPending: 0 });
    expect(await cpuInInflux(options, guest)).toHaveLength(3);
  });

  it("a bucket that is missing and may not be made holds the sink, with the commands to type", async () => {
    const front = await startFront({ behind: url(), edition: "2", token: "t", org: "ops", mayMake: false });
    const opened = await openStore(freshOptions(front.url, { token: "t", org: "ops", bucket: "nowhere" }));
    await opened.store.append(aBatch(samples(3)));

    await expect.poll(async () => status(opened), { timeout }).toMatchObject({ state: "held", batchesPending: 1 });
    expect(problem(opened, "sink_held")).toContain("influx bucket create --name nowhere");
  });

  it("a field that another program has made an integer holds the sink, instead of filling the dead letters", async () => {
    const options = freshOptions(url());
    await write(options, `pve_guest,cluster=demo,node=pve1,vmid=100,generation=1 cpu_ratio=1i ${t0}000000`);
    const opened = await openStore(options);
    await opened.store.append(aBatch(samples(60, t0)));

    await expect.poll(async () => status(opened), { timeout }).toMatchObject({ state: "held", batchesPending: 1 });
    expect((await status(opened)).reason).toContain("schema does not fit");
    expect(problem(opened, "sink_held")).toContain("field type conflict");
    expect(existsSync(join(opened.dataDir, "sinks/influx/rejected.jsonl"))).toBe(false);
  });

  it("a single row that it can never take goes into the dead letters, and all others arrive", async () => {
    const options = freshOptions(url());
    const opened = await openStore(options);
    const huge: Row = aRow({ id: `demo/storage/pve1:${"x".repeat(2 ** 20)}`, values: { used_bytes: 1 } });
    await opened.store.append(aBatch([...samples(40), huge]));

    await expect.poll(async () => status(opened), { timeout }).toMatchObject({ batchesPending: 0, rowsRejected: 1 });
    expect(await cpuInInflux(options, guest)).toHaveLength(40);
    expect(problem(opened, "sink_rejected_rows")).toContain("max key length exceeded");
    const letters = readFileSync(join(opened.dataDir, "sinks/influx/rejected.jsonl"), "utf8").trim().split("\n");
    expect(letters).toHaveLength(1);
  });

  it("a row from a clock that is years ahead goes into the dead letters, not into a graph up to now", async () => {
    const options = freshOptions(url());
    const opened = await openStore(options);
    await opened.store.append(aBatch([...samples(2), aRow({ ts: t0 + 5 * 365 * 86_400_000 })]));

    await expect.poll(async () => status(opened), { timeout }).toMatchObject({ batchesPending: 0, rowsRejected: 1 });
    expect(problem(opened, "sink_rejected_rows")).toContain("lies in the future");
    expect(await cpuInInflux(options, guest)).toHaveLength(2);
  });

  it("a server that answers 204 and forgets is found out a minute later, and gets everything again", async () => {
    const front = await startFront({ behind: url(), edition: "2", token: "t", org: "ops" });
    const options = freshOptions(front.url, { token: "t", org: "ops" });
    const opened = await openStore(options);
    await opened.store.append(aBatch(samples(1)));
    await expect
      .poll(async () => status(opened), { timeout })
      .toMatchObject({ batchesUnverified: 0, batchesPending: 0 });
    front.fault = "forgets";
    await opened.store.append(aBatch(samples(5)));
    await expect.poll(() => problem(opened, "sink_lost_rows"), { timeout }).toContain("does not have it");

    front.fault = "none";
    await expect
      .poll(async () => status(opened), { timeout })
      .toMatchObject({ batchesUnverified: 0, batchesPending: 0 });
    expect(await cpuInInflux(options, guest)).toHaveLength(5);
  });

  it("values that are no numbers, names with every separator and an empty batch do no harm", async () => {
    const options = freshOptions(url());
    const opened = await openStore(options);
    const odd = "demo/storage/pve1:a b,c=d\\e\"f'g\nh";
    await opened.store.append(
      aBatch([
        aRow({ id: odd, values: { used_bytes: 7 } }),
        aRow({ values: { cpu_ratio: Number.POSITIVE_INFINITY } }),
        aRow({ ts: t0 + 10_000, values: {} }),
      ]),
    );

    await expect.poll(async () => status(opened), { timeout }).toMatchObject({ batchesPending: 0, rowsRejected: 1 });
    expect(await cpuInInflux(options, odd.replace("\n", " "))).toEqual([[t0, 7]]);
  });

  it("names of any letters come back as they went in", async () => {
    const options = freshOptions(url());
    const names = fc.sample(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), { numRuns: 300, seed: 7 });
    const rows = [...new Set(names)]
      .filter((name) => !name.startsWith("@") && name.trim() !== "")
      .map((name, i) => aRow({ id: `demo/storage/pve1:${name}`, ts: t0 + i, values: { used_bytes: i } }));
    const sink = influxSink(options);
    onTestFinished(async () => sink.close());
    const { signal } = new AbortController();

    expect(await sink.write(aBatch(rows), signal)).toEqual({ rejected: [] });
    expect(await sink.verify(aBatch(rows), signal)).toBe(true);
    for (const row of rows) expect(await sink.verify(aBatch([row]), signal), JSON.stringify(row.id)).toBe(true);
  });

  it("rows that are older than the bucket keeps are not sent, and nothing waits for them", async () => {
    const options = freshOptions(url(), { retentionS: 86_400 });
    const opened = await openStore(options);
    await opened.store.append(aBatch([aRow({ ts: t0 - 10 * 86_400_000 })]));

    await expect
      .poll(async () => status(opened), { timeout })
      .toMatchObject({ state: "ok", batchesPending: 0, batchesUnverified: 0, rowsRejected: 0 });
  });

  it("a database that keeps less than is sent holds the sink and names the setting", async () => {
    const options = freshOptions(url());
    await fetch(`${url()}/query?q=CREATE+DATABASE+${options.bucket}+WITH+DURATION+1h`, { method: "POST" });
    const opened = await openStore(options);
    await opened.store.append(aBatch(samples(1)));

    await expect.poll(async () => status(opened), { timeout }).toMatchObject({ state: "held" });
    expect(problem(opened, "sink_held")).toContain("set retention of the sink");
  });
});
