// An InfluxDB that fails for half an hour, in every way that there is: a real influxd behind a front that breaks, with the
// clock run through faster. Afterwards every row is there once, and the present was there before the past.
import { describe, expect, it, onTestFinished } from "vitest";
import type { SinkStatus } from "../../../src/model/sink.ts";
import { InfluxServer } from "../../../src/store/drivers/influx/influx-server.ts";
import { usualLimits } from "../../../src/store/sinks/delivery.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";
import { aBatch, aRow, type EngineStore, engineStore, t0 } from "../build.ts";
import { fastClock } from "../fast-clock.ts";
import { type Front, type FrontFault, startFront } from "./influx-front.ts";
import { freshOptions, influxd, runningInflux } from "./influx-under-test.ts";

/** 10 s of the clock are a tenth of a second. */
const speed = 100;
const slots = 180;
const guests = 20;
/** What comes of it is waited for, however busy the machine is. */
const timeout = 120_000;

const faults: readonly FrontFault[] = ["refuses", "hangs", "resets", "loses-ack", "busy"];
/** It begins by forgetting what it acknowledges; from then on nothing gets through. */
const faultOf = (slot: number): FrontFault =>
  slot < 9 ? "forgets" : (faults[Math.floor(slot / 9) % faults.length] ?? "none");

const slotBatch = (slot: number) =>
  aBatch(
    Array.from({ length: guests }, (_, i) =>
      aRow({
        id: `demo/guest/${100 + i}~1`,
        ts: t0 + slot * 10_000,
        values: { cpu_ratio: slot + i / 100, mem_used_bytes: slot * 2 ** 20 },
      }),
    ),
    { batchId: `slot-${slot}` },
  );

async function openStore(front: Front, bucket: string): Promise<EngineStore> {
  const options = freshOptions(front.url, { bucket, edition: "1" });
  // Deadlines are not about the clock that is run through here, but about a real server on a busy machine.
  const delivery = { ...usualLimits, deadlineMs: 300_000 };
  const store = await engineStore(
    temporaryDirectory(),
    { sinks: [{ name: "influx", kind: "influx", options }], delivery },
    { clock: fastClock(speed) },
  );
  onTestFinished(async () => store.close());
  return store;
}

const status = async (store: EngineStore): Promise<SinkStatus> => {
  const found = (await store.stats()).sinks.find(({ name }) => name === "influx");
  if (found === undefined) throw new Error("there is no sink influx");
  return found;
};

async function storedIn(url: string, bucket: string): Promise<readonly string[]> {
  const server = new InfluxServer(freshOptions(url, { bucket }));
  onTestFinished(async () => server.close());
  const series = await server.query("SELECT cpu_ratio FROM pve_guest GROUP BY *");
  return series.flatMap(({ tags = {}, values }) =>
    values.map(([time, value]) => `${tags["vmid"]} ${String(time)} ${String(value)}`),
  );
}

describe.skipIf(influxd === undefined)("an InfluxDB that fails for half an hour", () => {
  const url = runningInflux();

  it("has every row afterwards, each once, the newest first", { timeout: 240_000 }, async () => {
    const bucket = `outage${Date.now()}`;
    await fetch(`${url()}/query?q=CREATE+DATABASE+${bucket}`, { method: "POST" });
    const front = await startFront({ behind: url(), edition: "1" });
    const store = await openStore(front, bucket);
    await store.append(slotBatch(0));
    await expect.poll(async () => status(store), { timeout }).toMatchObject({ state: "ok", batchesPending: 0 });

    for (let slot = 1; slot < slots; slot++) {
      front.fault = faultOf(slot);
      await store.append(slotBatch(slot));
      await new Promise((resolve) => setTimeout(resolve, 10_000 / speed));
    }
    const down = await status(store);
    expect(down.batchesPending).toBeGreaterThan(slots / 2);
    expect(store.events.some((each) => each.event === "raise" && each.problem.code === "sink_failing")).toBe(true);

    const before = front.stored.length;
    front.fault = "none";
    await store.append(slotBatch(slots));
    await expect
      .poll(async () => status(store), { timeout })
      .toMatchObject({ state: "ok", batchesPending: 0, batchesUnverified: 0 });

    const written = front.stored.slice(before).map((body) => Number(/ (\d+)\d{6}$/.exec(body)?.[1]));
    expect(written.slice(0, 4)).toContain(t0 + slots * 10_000);
    const rows = await storedIn(url(), bucket);
    expect(rows).toHaveLength((slots + 1) * guests);
    expect(new Set(rows).size).toBe(rows.length);
    expect(await status(store)).toMatchObject({ batchesDropped: 0, rowsRejected: 0 });
    expect((await status(store)).batchesResent).toBeGreaterThan(0);
    expect(store.events.some((each) => each.event === "raise" && each.problem.code === "sink_lost_rows")).toBe(true);
    expect(store.events.some((each) => each.event === "clear" && each.code === "sink_failing")).toBe(true);
  });
});
