// No hole in the samples: caught up while the nodes remember, filled from PVE's own history beyond that.
import { afterEach, describe, expect, it } from "vitest";
import { framesFor, gapSteps } from "../../src/collect/gap-plan.ts";
import type { Row } from "../../src/model/batch.ts";
import { capabilitiesOf } from "../../src/pve/index.ts";
import { type PollerSetup, pollSimulated } from "./simulated-poller.ts";

type Polled = Awaited<ReturnType<typeof pollSimulated>>;
const open: Polled[] = [];

async function started(setup: PollerSetup = {}): Promise<Polled> {
  const polled = await pollSimulated(setup);
  open.push(polled);
  await polled.first();
  return polled;
}

afterEach(async () => {
  for (const polled of open.splice(0).reverse()) await polled.stop();
});

const minute = 60_000;

/** A second poller on what the first has left, after so long. */
async function restartedAfter(before: Polled, ms: number): Promise<Polled> {
  const known = (["node", "guest", "storage"] as const).flatMap((kind) =>
    before.fleet.list(kind).map((live) => live.entity),
  );
  await before.stop(false);
  open.splice(open.indexOf(before), 1);
  before.simulator.advance(ms);
  return started({ on: before.simulator, store: before.store, known });
}

/** Polls until no gap is open any more, or the work on them has failed; says how it ended. */
async function filled(polled: Polled): Promise<string | null | undefined> {
  const job = () => polled.fleet.jobs().find(({ id }) => id === "gaps/sim");
  const isOver = async (): Promise<boolean> => {
    await polled.poll(30_000);
    if (job()?.state === "failed") return true;
    const gaps = Object.entries(await polled.store.marks("sim")).filter(([key]) => key.startsWith("gap/"));
    return gaps.length > 0 && gaps.every(([, to]) => to === 0);
  };
  await polled.poll(100_000);
  await expect.poll(isOver, { timeout: 15_000 }).toBe(true);
  return job()?.lastResult;
}

const of = (rows: readonly Row[], id: string): Row[] => rows.filter((row) => row.id === id).sort((a, b) => a.ts - b.ts);
const rrdAsked = (polled: Polled): string[] =>
  polled.requests.filter(({ path }) => path.endsWith("/rrddata")).map(({ path, query }) => `${path} ${query["cf"]}`);

/** Minutes within the stretch that no point describes. */
function uncovered(rows: readonly Row[], fromMs: number, toMs: number): number[] {
  const missing: number[] = [];
  for (let at = fromMs + minute; at < toMs - minute; at += minute) {
    const isHeld = rows.some((row) =>
      row.origin === "rrd-avg" ? row.ts >= at && row.ts - row.stepS * 1000 < at : Math.abs(row.ts - at) <= 10_000,
    );
    if (!isHeld) missing.push(at);
  }
  return missing;
}

describe("after an outage of ours", () => {
  it("of 28 minutes every sample is there, and PVE's history is not asked", async () => {
    const before = await started();
    const polled = await restartedAfter(before, 28 * minute);
    await polled.poll(100_000);

    for (const id of ["sim/node/pve1", "sim/node/pve2", "sim/node/pve3"]) {
      const times = of([...before.rows(), ...polled.rows()], id).map((row) => row.ts);
      expect(new Set(times.slice(1).map((ts, index) => ts - (times[index] ?? 0)))).toEqual(new Set([10_000]));
    }
    expect(rrdAsked(polled)).toEqual([]);
  });

  it("of 50 minutes the gap is filled with minutes that say so, for nodes, guests and storages", async () => {
    const before = await started();
    const lastBefore = of(before.rows(), "sim/node/pve1").at(-1)?.ts ?? 0;
    const polled = await restartedAfter(before, 50 * minute);
    const firstAfter = of(polled.rows(), "sim/node/pve1").find((row) => row.origin === "export")?.ts ?? 0;
    expect(firstAfter - lastBefore).toBeGreaterThan(15 * minute);
    expect(await filled(polled)).toContain("histories are read");

    const rows = [...before.rows(), ...polled.rows()];
    for (const { entity } of [...polled.fleet.list("node"), ...polled.fleet.list("guest")]) {
      expect(uncovered(of(rows, entity.id), lastBefore, firstAfter), entity.id).toEqual([]);
    }
    const fills = rows.filter((row) => row.origin === "rrd-avg");
    expect(new Set(fills.map((row) => row.stepS))).toEqual(new Set([60]));
    expect(fills.every((row) => row.ts > lastBefore - minute && row.ts <= firstAfter + minute)).toBe(true);
    expect(fills.some((row) => row.id.startsWith("sim/storage/@"))).toBe(true);
    // The shortest answer that reaches back far enough, and no maximum of what is one number.
    expect(
      new Set(polled.requests.filter(({ path }) => path.endsWith("/rrddata")).map(({ query }) => query["timeframe"])),
    ).toEqual(new Set(["hour"]));
  });

  it("what could not be read is asked again after a restart, and nothing else", async () => {
    const before = await started();
    const polled = await restartedAfter(before, 50 * minute);
    const [guest] = polled.simulator.state.guests.keys();
    await polled.simulator.state.faults.set({
      kind: "status",
      status: 500,
      text: "no",
      path: `/nodes/*/*/${guest}/rrddata`,
    });
    expect(await filled(polled)).toContain("1 could not be read");
    await polled.simulator.state.faults.clear();

    const again = await restartedAfter(polled, 0);
    const asked = async (): Promise<string[]> => {
      await again.poll(20_000);
      return rrdAsked(again);
    };
    await expect
      .poll(asked, { timeout: 30_000, interval: 100 })
      .toContainEqual(expect.stringContaining(`/${guest}/rrddata`));
    await expect
      .poll(
        () =>
          again.store
            .marks("sim")
            .then((marks) => Object.entries(marks).filter(([key, to]) => key.startsWith("gap/") && to > 0)),
        { timeout: 10_000 },
      )
      .toEqual([]);

    const node = polled.simulator.state.guest(guest ?? 0).node;
    const ofNode = rrdAsked(again).filter((line) => line.includes(`/nodes/${node}/`));
    expect(ofNode).toHaveLength(1);
  });
});

describe("a node that could not be reached", () => {
  it("for 40 minutes is filled, with the guests that left it meanwhile, and nobody else is asked", async () => {
    const polled = await started();
    const [lost = "", other = ""] = Object.keys(polled.simulator.nodeUrls);
    const moved = [...polled.simulator.state.guests.values()].find(
      (each) => each.node === lost && each.type === "qemu",
    );
    await polled.poll();
    const lastBefore = of(polled.rows(), `sim/node/${lost}`).at(-1)?.ts ?? 0;
    await polled.simulator.state.faults.set({ kind: "dead-proxy", node: lost });
    await polled.poll();
    await polled.poll(5 * minute);
    polled.simulator.state.migrateGuest(moved?.vmid ?? 0, other);
    for (let round = 0; round < 8; round++) await polled.poll(5 * minute);
    await polled.simulator.state.faults.clear();
    await polled.poll();
    await polled.poll();
    const firstAfter =
      of(polled.rows(), `sim/node/${lost}`).find((row) => row.ts > lastBefore && row.origin === "export")?.ts ?? 0;
    expect(firstAfter - lastBefore).toBeGreaterThan(10 * minute);
    await filled(polled);

    expect(uncovered(of(polled.rows(), `sim/node/${lost}`), lastBefore, firstAfter)).toEqual([]);
    expect(uncovered(of(polled.rows(), `sim/guest/${moved?.vmid}~1`), lastBefore, lastBefore + 5 * minute)).toEqual([]);
    const vmids = [...polled.simulator.state.guests.values()]
      .filter((each) => each.node === lost)
      .map(({ vmid }) => vmid);
    const askedGuests = rrdAsked(polled).flatMap((line) => /(?:qemu|lxc)\/(\d+)/.exec(line)?.[1] ?? []);
    expect(new Set(askedGuests.map(Number))).toEqual(new Set([...vmids, moved?.vmid]));
  });

  it("because it rebooted has forgotten its samples: what it measured before is filled", async () => {
    const polled = await started();
    const [node = ""] = Object.keys(polled.simulator.nodeUrls);
    await polled.poll();
    const lastBefore = of(polled.rows(), `sim/node/${node}`).at(-1)?.ts ?? 0;
    // Four minutes that nobody asked for, then the crash.
    await polled.simulator.state.faults.set({ kind: "dead-proxy", node });
    await polled.poll(4 * minute);
    await polled.simulator.state.faults.set({ kind: "dead-node", node });
    await polled.poll(5 * minute);
    await polled.simulator.state.faults.clear();
    await polled.poll(minute);
    await polled.poll();
    await filled(polled);

    const own = of(polled.rows(), `sim/node/${node}`);
    expect(uncovered(own, lastBefore, lastBefore + 4 * minute)).toEqual([]);
    const down = own.filter((row) => row.ts > lastBefore + 5 * minute && row.ts < lastBefore + 8 * minute);
    expect(down).toEqual([]);
  });

  it("that answered, but measured nothing, has lost nothing: nobody is asked", async () => {
    const polled = await started();
    const [node = ""] = Object.keys(polled.simulator.nodeUrls);
    await polled.poll();
    await polled.simulator.state.faults.set({ kind: "pvestatd-hung", node });
    for (let round = 0; round < 10; round++) await polled.poll(30_000);
    await polled.simulator.state.faults.clear();
    for (let round = 0; round < 4; round++) await polled.poll(60_000);

    expect(times(polled, node).length).toBeGreaterThan(180);
    expect(rrdAsked(polled)).toEqual([]);
  });
});

const times = (polled: Polled, node: string): number[] => of(polled.rows(), `sim/node/${node}`).map((row) => row.ts);

describe("the plan of a gap", () => {
  const now = 1_760_000_000_000;
  const hour = 3_600_000;
  const plan = (release: string, fromMs: number, toMs: number): string[] =>
    framesFor({ fromMs, toMs }, capabilitiesOf(release).rrdFrames, now).map(
      ({ frame, window }) => `${frame.name} ${(now - window.fromMs) / hour}..${(now - window.toMs) / hour}`,
    );

  it("takes the finest answer that reaches back, and the shortest of equally fine ones", () => {
    expect(plan("9.2.1", now - 0.9 * hour, now)).toEqual(["hour 0.9..0"]);
    expect(plan("9.2.1", now - 5 * hour, now - hour)).toEqual(["day 5..1"]);
    expect(plan("9.2.1", now - 72 * hour, now - 30 * hour)).toEqual(["week 72..30"]);
  });

  it("takes minutes of the last day and half hours of before, each for its part", () => {
    const [minutes = "", halfHours = ""] = plan("9.2.1", now - 40 * hour, now);

    expect(minutes).toMatch(/^day 23\.9\d+\.\.0$/);
    expect(halfHours).toMatch(/^week 40\.\.23\.9\d+$/);
  });

  it("says what 8 still has", () => {
    expect(plan("8.4.1", now - 30 * hour, now - 2 * hour)).toEqual(["day 30..2"]);
    expect(plan("8.4.1", now - 3 * hour, now).map((line) => line.split(" ")[0])).toEqual(["hour", "day"]);
  });

  it("leaves out what was before a guest's creation", () => {
    const gap = { node: "pve1", fromMs: now - hour, toMs: now - 0.1 * hour, guests: new Set<string>() };
    const subject = (bornAt: number) => ({
      id: "c/guest/1~1",
      kind: "guest" as const,
      where: { node: "pve1" },
      bornAt,
    });
    const { rrdFrames } = capabilitiesOf("9.2.1");

    expect(gapSteps(gap, [subject(now)], rrdFrames, now)).toEqual([]);
    expect(gapSteps(gap, [subject(now - 0.5 * hour)], rrdFrames, now)[0]?.window.fromMs).toBe(now - 0.5 * hour);
  });
});
