// What a cluster has to bear from us: by the simulator's own counters never more than configured, less when it is slow,
// and people before polls before everything else.
import { afterEach, describe, expect, it } from "vitest";
import { type RoundTimes, Slowness } from "../../src/collect/slowness.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { Secret } from "../../src/lib/secret.ts";
import { clusterResources, clusterStatus, nodes, PveCluster, rrdData } from "../../src/pve/index.ts";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { pollSimulated } from "./simulated-poller.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const limits = { requestsPerSecond: 20, inFlight: 5, inFlightPerNode: 2 };

async function loaded(): Promise<{ simulator: RunningSimulator; pve: PveCluster }> {
  const simulator = await startSimulator({ nodes: 4, guests: 12, unauthorizedDelayMs: 0 });
  closers.push(() => simulator.close());
  const pve = new PveCluster({
    cluster: "sim",
    endpoints: [simulator.url],
    token: { id: simulator.tokenId, secret: new Secret(simulator.tokenSecret) },
    trust: { kind: "pin", sha256: simulator.fingerprint },
    limits,
    clock: systemClock,
    log: silentLog,
  });
  closers.push(() => pve.close());
  const { data, endpoint } = await clusterStatus(pve);
  pve.learn(data.members, endpoint);
  const members = await nodes(pve);
  pve.learnFingerprints(members.data.rows.map(({ node, sslFingerprint }) => ({ name: node, sha256: sslFingerprint })));
  return { simulator, pve };
}

/** The most requests that came in within any stretch of so many ms. */
function mostWithin(simulator: RunningSimulator, ms: number): number {
  const times = simulator.state.requests.list().map(({ at }) => at);
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));
}

describe("the load on a cluster, by its own count", () => {
  it("is never more than configured, per second, at the same time, and per node", async () => {
    const { simulator, pve } = await loaded();
    await simulator.state.faults.set({ kind: "delay", ms: 150 });
    const names = Object.keys(simulator.nodeUrls);
    const query = { timeframe: "hour", cf: "AVERAGE" } as const;

    const background = Array.from({ length: 30 }, (_, call) =>
      rrdData(pve, { node: names[call % names.length] ?? "", ...query }, { priority: "background" }),
    );
    const polls = Array.from({ length: 25 }, () => clusterResources(pve));
    const people = Array.from({ length: 5 }, () => clusterStatus(pve, { priority: "interactive" }));
    await Promise.all([...background, ...polls, ...people]);

    expect(simulator.state.requests.total).toBe(2 + 60);
    // Requests that left a second apart are allowed to arrive a little closer together.
    expect(mostWithin(simulator, 900)).toBeLessThanOrEqual(limits.requestsPerSecond);
    const { in_flight } = simulator.state.requests.peaks;
    expect(in_flight.total).toBeLessThanOrEqual(limits.inFlight);
    expect(Math.max(...Object.values(in_flight.by_node))).toBeLessThanOrEqual(limits.inFlightPerNode);
    const { use } = pve.stats();
    expect(use.peakInFlight).toBeGreaterThan(2);
    expect(use.peakInFlight).toBeLessThanOrEqual(limits.inFlight);
    expect(use.peakPerSecond).toBeLessThanOrEqual(limits.requestsPerSecond);
  }, 30_000);

  it("lets a person's call pass everything that waits", async () => {
    const { simulator, pve } = await loaded();
    await simulator.state.faults.set({ kind: "delay", ms: 100 });
    const done: string[] = [];
    const note = (what: string) => (): void => void done.push(what);
    const polls = Array.from({ length: 30 }, () => clusterResources(pve).then(note("poll")));

    const begun = performance.now();
    await clusterStatus(pve, { priority: "interactive" }).then(note("person"));
    const waitedMs = performance.now() - begun;
    await Promise.all(polls);

    // Two calls of the one node are under way already; what waits behind them is passed.
    expect(done.indexOf("person")).toBeLessThanOrEqual(3);
    expect(waitedMs).toBeLessThan(1_500);
  }, 30_000);
});

describe("the pace of polls", () => {
  const times = (listingMs: number, ...others: number[]): RoundTimes => ({
    listingMs,
    answersMs: [listingMs, ...others],
  });

  it("halves with every slow round, and comes back step by step when answers are quick again", () => {
    const slowness = new Slowness();
    const periods = (rounds: readonly RoundTimes[]): number[] =>
      rounds.map((round) => {
        slowness.observe(round, 10);
        return slowness.stretched(10);
      });
    const slow = times(5_001);
    const quick = times(80, 40, 30);

    expect(periods([quick, slow, slow])).toEqual([10, 20, 40]);
    expect(periods(Array.from({ length: 6 }, () => quick))).toEqual([40, 40, 20, 20, 20, 10]);
    expect(slowness.isSlow).toBe(false);
    expect(slowness.why).toBeNull();
  });

  it("does not mind one slow answer in twenty, but more than that", () => {
    const one = new Slowness();
    one.observe(times(100, ...Array.from({ length: 20 }, () => 50), 6_000), 10);
    const two = new Slowness();
    two.observe(times(100, ...Array.from({ length: 20 }, () => 50), 6_000, 6_000), 10);

    expect(one.isSlow).toBe(false);
    expect(two.isSlow).toBe(true);
  });

  it("never goes so slowly that samples would be forgotten, and is back at its pace within minutes", () => {
    const slowness = new Slowness();
    for (let round = 0; round < 50; round++) slowness.observe(times(9_000), 10);

    expect(slowness.stretched(10)).toBeLessThanOrEqual(120);
    expect(slowness.stretched(900)).toBe(900);
    let passedS = 0;
    while (slowness.isSlow) {
      passedS += slowness.stretched(10);
      slowness.observe(times(80, 40, 30), 10);
    }
    expect(passedS).toBeLessThanOrEqual(400);
  });

  it("says nothing of rounds without an answer", () => {
    const slowness = new Slowness();
    slowness.observe({ listingMs: undefined, answersMs: [] }, 10);

    expect(slowness.isSlow).toBe(false);
  });

  it("is said as a problem and in the poll's job while a cluster is slow, and costs no sample", async () => {
    const polled = await pollSimulated({ limits: { timeoutMs: 9_000 } });
    closers.push(() => polled.stop());
    await polled.first();
    await polled.simulator.state.faults.set({ kind: "delay", ms: 5_200, path: "/cluster/resources", times: 1 });
    await polled.poll();
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    await polled.poll();

    expect(polled.openProblems()).toEqual(["polling_slowed sim/cluster"]);
    expect(polled.fleet.problems()[0]?.message).toContain("every 20 s instead of every 10 s");
    expect(polled.fleet.jobs().find(({ id }) => id === "poll/sim")?.schedule).toBe("every 20 s");

    for (let round = 0; round < 4; round++) await polled.poll(20_000);
    expect(polled.openProblems()).toEqual([]);
    const seconds = polled
      .rows()
      .filter((row) => row.id === "sim/node/pve1")
      .map((row) => row.ts / 1000);
    expect(new Set(seconds.slice(1).map((s, index) => s - (seconds[index] ?? 0)))).toEqual(new Set([10]));
  }, 30_000);
});
