// The load we put on a cluster, with a clock that stands still until it is told.
import { describe, expect, it } from "vitest";
import { Breaker } from "../../src/pve/breaker.ts";
import { Budget, type Claim } from "../../src/pve/budget.ts";
import { PveCancelledError, PveOverloadedError, PveUnreachableError } from "../../src/pve/errors.ts";
import { failureOf } from "./client.ts";
import { ManualClock } from "./manual-clock.ts";

const limits = { requestsPerSecond: 5, inFlight: 8, inFlightPerNode: 2, exportsInFlightPerNode: 1 };

function setUp(more: Partial<typeof limits> = {}) {
  const clock = new ManualClock();
  const budget = new Budget({ ...limits, ...more }, clock);
  const started: string[] = [];
  const releases = new Map<string, () => void>();
  const claim = (name: string, of: Partial<Claim> = {}): Promise<void> =>
    budget
      .acquire({ endpoint: name, path: "/x", priority: "poll", isExport: false, maxWaitMs: 10_000, ...of })
      .then((release) => {
        started.push(name);
        releases.set(name, release);
      });
  return { clock, budget, started, releases, claim };
}

describe("the request budget", () => {
  it("lets five out at once, and never more than five begin within a second", async () => {
    const { clock, started, claim } = setUp({ inFlight: 1000 });
    for (let call = 0; call < 40; call++) void claim(`node${call}`);

    await clock.advance(0);
    expect(started).toHaveLength(5);
    await clock.advance(999);
    expect(started).toHaveLength(5);
    // A tenth of a second more, because what leaves a second apart may arrive closer together.
    await clock.advance(102);
    expect(started).toHaveLength(10);
    for (let second = 0; second < 8; second++) await clock.advance(1_102);
    expect(started).toHaveLength(40);
  });

  it.each([0.5, 1, 2.5, 7])("keeps %d requests a second over any stretch of time", async (requestsPerSecond) => {
    const { clock, started, claim } = setUp({ inFlight: 1000, requestsPerSecond });
    for (let call = 0; call < 100; call++) void claim(`node${call}`, { maxWaitMs: Number.POSITIVE_INFINITY });
    const begun: number[] = [];
    for (let at = 0; at < 10_000; at += 50) {
      await clock.advance(50);
      while (begun.length < started.length) begun.push(at);
    }

    expect(begun.length).toBeGreaterThan(0.7 * 10 * requestsPerSecond);
    for (const from of begun) {
      const within = begun.filter((at) => at >= from && at < from + Math.max(1000, 1000 / requestsPerSecond));
      expect(within.length).toBeLessThanOrEqual(Math.max(1, requestsPerSecond));
    }
  });

  it("says what was used of it", async () => {
    const { clock, budget, releases, claim } = setUp({ inFlight: 2 });
    void claim("a", { endpoint: "a" });
    void claim("b", { endpoint: "a", priority: "interactive" });
    void claim("c", { priority: "background", maxWaitMs: Number.POSITIVE_INFINITY });
    await clock.advance(3_000);
    releases.get("a")?.();
    await clock.advance(0);

    const { byPriority, ...peaks } = budget.use();
    expect(peaks).toEqual({ peakInFlight: 2, peakInFlightPerNode: 2, peakPerSecond: 2 });
    expect(byPriority.interactive).toEqual({ requests: 1, waitedMs: 0, longestWaitMs: 0 });
    expect(byPriority.background).toEqual({ requests: 1, waitedMs: 3_000, longestWaitMs: 3_000 });
  });

  it("keeps the number in flight per cluster and per node, and a busy node holds up no other", async () => {
    const { clock, budget, started, releases, claim } = setUp({ requestsPerSecond: 1000 });
    for (let call = 0; call < 4; call++) void claim("a", { endpoint: "a" });
    for (let call = 0; call < 10; call++) void claim(`n${call}`);
    await clock.advance(0);

    expect(started).toEqual(["a", "a", "n0", "n1", "n2", "n3", "n4", "n5"]);
    expect(budget.inFlight).toBe(8);
    releases.get("n0")?.();
    await clock.advance(0);
    expect(started.at(-1)).toBe("n6");
  });

  it("allows one export per node beside one other call", async () => {
    const { clock, started, claim } = setUp();
    void claim("export1", { endpoint: "a", isExport: true });
    void claim("export2", { endpoint: "a", isExport: true });
    void claim("other", { endpoint: "a" });
    await clock.advance(0);

    expect(started).toEqual(["export1", "other"]);
  });

  it("serves people first, then polls, then the rest", async () => {
    const { clock, started, releases, claim } = setUp({ inFlight: 1, requestsPerSecond: 1000 });
    void claim("first");
    void claim("background", { priority: "background" });
    void claim("poll");
    void claim("poll too");
    void claim("person", { priority: "interactive" });

    for (const name of ["first", "person", "poll", "poll too"]) {
      await clock.advance(0);
      releases.get(name)?.();
    }
    await clock.advance(1_000);
    expect(started).toEqual(["first", "person", "poll", "poll too", "background"]);
  });

  it("never lets background work take what the polls need", async () => {
    const { clock, started, claim } = setUp();
    for (let call = 0; call < 50; call++)
      void claim(`b${call}`, { priority: "background", maxWaitMs: Number.POSITIVE_INFINITY });
    await clock.advance(60_000);
    const background = started.length;
    expect(background).toBe(4);

    for (const node of ["p1", "p2", "p3", "p4"]) void claim(node);
    await clock.advance(0);

    expect(started.slice(background)).toEqual(["p1", "p2", "p3", "p4"]);
  });

  it("still lets background work through while polls leave room", async () => {
    const { clock, started, releases, claim } = setUp();
    for (let call = 0; call < 20; call++)
      void claim(`b${call}`, { priority: "background", maxWaitMs: Number.POSITIVE_INFINITY });
    for (let second = 0; second < 20; second++) {
      void claim(`p${second}`);
      await clock.advance(1_000);
      for (const release of releases.values()) release();
      releases.clear();
    }

    expect(started.filter((name) => name.startsWith("b"))).toHaveLength(20);
    expect(started.filter((name) => name.startsWith("p"))).toHaveLength(20);
  });

  it("gives up on what waited too long, was given up, or was left when it closed", async () => {
    const { clock, budget, releases, claim } = setUp({ inFlight: 1 });
    const stop = new AbortController();
    await claim("first");
    const late = failureOf(claim("late", { maxWaitMs: 5_000 }));
    const stopped = failureOf(claim("stopped", { signal: stop.signal }));
    const left = failureOf(claim("left", { maxWaitMs: 60_000 }));
    stop.abort();
    await clock.advance(6_000);
    void claim("next", { maxWaitMs: 60_000 }).catch(() => undefined);

    expect(await late).toBeInstanceOf(PveOverloadedError);
    expect(await stopped).toBeInstanceOf(PveCancelledError);
    budget.close();
    releases.get("first")?.();
    expect(await left).toBeInstanceOf(PveCancelledError);
    expect(await failureOf(claim("after"))).toBeInstanceOf(PveCancelledError);
  });
});

describe("a breaker", () => {
  it("opens after three failures in a row, lets one try after its time, and closes on success", async () => {
    const clock = new ManualClock();
    const breaker = new Breaker({ failures: 3, openMs: 30_000, clock });
    const error = new PveUnreachableError("gone", { endpoint: "https://pve1:8006", stage: "connect" });

    breaker.fail(error);
    breaker.fail(error);
    breaker.ok();
    for (let failure = 0; failure < 3; failure++) {
      expect(breaker.admits()).toBe(true);
      breaker.fail(error);
    }
    expect(breaker).toMatchObject({ state: "open", waitMs: 30_000, lastError: error });
    expect(breaker.admits()).toBe(false);

    await clock.advance(30_000);
    expect(breaker.state).toBe("half-open");
    breaker.begin();
    expect(breaker.admits()).toBe(false);
    breaker.withdraw();
    expect(breaker.admits()).toBe(true);
    breaker.begin();
    breaker.fail(error);
    expect(breaker.state).toBe("open");

    await clock.advance(30_000);
    breaker.ok();
    expect(breaker.state).toBe("closed");
  });
});
