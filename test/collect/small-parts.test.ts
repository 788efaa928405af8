import { describe, expect, it } from "vitest";
import { NodeClock } from "../../src/collect/node-clock.ts";
import { Outbox } from "../../src/collect/outbox.ts";
import { judgeRights } from "../../src/collect/rights.ts";
import { Slots } from "../../src/collect/slots.ts";
import { TargetHealth } from "../../src/collect/target-health.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { Batch } from "../../src/model/batch.ts";
import type { CollectorEvent } from "../../src/model/collector.ts";
import { PveAuthError, PveUnreachableError } from "../../src/pve/index.ts";

describe("slots", () => {
  it("never ask the same thing twice at a time, and do not wait for the slowest", async () => {
    let late = 0;
    const slots = new Slots<string>(systemClock, () => late++);
    let answer: (value: string) => void = () => undefined;
    slots.start("slow", () => new Promise((resolve) => (answer = resolve)));
    slots.start("fast", async () => "done");

    await slots.settle(20, new AbortController().signal);

    expect(slots.take().map(({ key, value }) => [key, value])).toEqual([["fast", "done"]]);
    expect(slots.start("slow", async () => "second")).toBe(false);
    answer("late");
    await slots.settle(1_000, new AbortController().signal);
    expect(slots.take()).toMatchObject([{ key: "slow", value: "late" }]);
    expect(late).toBe(0);
  });

  it("tell of an answer that comes when nobody waits any more", async () => {
    let late = 0;
    const slots = new Slots<string>(systemClock, () => late++);
    let answer: (value: string) => void = () => undefined;
    slots.start("slow", () => new Promise((resolve) => (answer = resolve)));
    await slots.settle(5, new AbortController().signal);

    answer("late");
    await expect.poll(() => late).toBe(1);

    expect(slots.take()).toMatchObject([{ key: "slow", value: "late" }]);
  });
});

describe("rights", () => {
  const full = new Map([
    ["/", new Map(["Sys.Audit", "VM.Audit", "Datastore.Audit", "Pool.Audit", "SDN.Audit"].map((name) => [name, true]))],
  ]);
  const part = new Map([["/pool/dev", new Map([["VM.Audit", true]])]]);

  it("make a listing complete when all is held, or when nothing changed since the last one", () => {
    const first = judgeRights(part, "9.2", undefined);

    expect(judgeRights(full, "9.2", undefined)).toMatchObject({ complete: true, missing: [], changed: false });
    expect(first).toMatchObject({ complete: true, changed: false });
    expect(judgeRights(part, "9.2", first.print).complete).toBe(true);
  });

  it("make it incomplete after they were lost", () => {
    const { print } = judgeRights(full, "9.2", undefined);

    expect(judgeRights(new Map(), "9.2", print)).toMatchObject({ complete: false, changed: true });
    expect(judgeRights(new Map(), "9.2", print).missing.map((check) => check.privilege)).toContain("VM.Audit");
  });
});

describe("a node's clock", () => {
  it("is off when even its freshest sample is from the future, or old", () => {
    const now = 1_000_000;
    const skewOf = (offset: number) => {
      const clock = new NodeClock(now);
      for (let s = 0; s < 60; s += 10) clock.observe(now + s * 1000 + offset, now + s * 1000 + 4_000);
      return clock.skewS;
    };

    expect(skewOf(0)).toBe(0);
    expect(skewOf(604_000)).toBe(600);
    expect(skewOf(-596_000)).toBe(-600);
  });

  it("is stale when nothing new came for a minute", () => {
    const clock = new NodeClock(0);
    clock.observe(1, 1);

    expect(clock.isStale(60_000)).toBe(false);
    expect(clock.isStale(61_002)).toBe(true);
  });
});

describe("the health of a target", () => {
  const at = { endpoint: "https://pve1:8006", path: "/x" };

  it("becomes a problem at the second failure, or at once when there is no doubt, and clears with the next answer", () => {
    const events: CollectorEvent[] = [];
    const health = new TargetHealth("c", (event) => events.push(event));
    const unreachable = new PveUnreachableError("pve1 did not answer", { ...at, stage: "connect" });

    health.failed("export/pve1", "pve1", unreachable);
    expect(events).toEqual([]);
    health.failed("export/pve1", "pve1", unreachable);
    health.failed("resources", null, new PveAuthError("the token was refused", at));
    health.ok("export/pve1", "pve1");

    expect(events).toMatchObject([
      { type: "problem", problem: { code: "unreachable", subject: "c/node/pve1", message: "pve1 did not answer." } },
      { type: "problem", problem: { code: "token_refused", subject: "c/cluster" } },
      { type: "problem-cleared", code: "unreachable", subject: "c/node/pve1" },
    ]);
  });
});

describe("the outbox", () => {
  it("does not wait for the disk, and tells what is late", async () => {
    const outcomes: { resolve: () => void; reject: (error: Error) => void }[] = [];
    const late: unknown[] = [];
    const outbox = new Outbox(
      () =>
        new Promise((resolve, reject) => {
          outcomes.push({ resolve, reject });
        }),
      (error) => late.push(error),
    );
    const batch: Batch = { batchId: "b", cluster: "c", source: "poll", blocks: [], marks: {} };
    const sent = [outbox.send(batch), outbox.send(batch)];

    outcomes[0]?.resolve();
    outcomes[1]?.reject(new Error("full"));
    await outbox.drain();

    expect(await Promise.all(sent)).toEqual([true, false]);
    expect(late).toHaveLength(1);
  });
});
