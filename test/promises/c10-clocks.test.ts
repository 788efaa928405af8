// C10: our clock and the nodes' clocks step and drift; no sample is lost, doubled or dated by the wrong clock.
import { expect, it } from "vitest";
import { measured } from "./figure.ts";
import { watchedPoller } from "./watched-poller.ts";

const hour = 3_600_000;

it("C10: an hour's step of our own clock, either way, changes no sample", { timeout: 60_000 }, async () => {
  let skewMs = 0;
  const polled = await watchedPoller({ ourSkewMs: () => skewMs });
  for (const step of [hour, 0, -hour, 0]) {
    skewMs = step;
    for (let round = 0; round < 4; round++) {
      const before = polled.rows().length;
      await polled.poll();
      const fresh = polled.rows().slice(before);
      for (const node of polled.nodes) expect(fresh.filter(({ id }) => id === `sim/node/${node}`)).toHaveLength(1);
    }
    const skewed = polled.openProblems().filter((problem) => problem.startsWith("clock_skew"));
    expect(skewed.length, `our clock is off by ${step} ms`).toBe(step === 0 ? 0 : polled.nodes.length);
  }
  const { values } = await polled.expectTruth();
  measured("C10", `our clock ±1 h: 16 polls, ${values} values true`);
});

it.each([
  ["10 minutes ahead", 603_000],
  ["10 minutes behind", -603_000],
  ["a year ahead", 365 * 24 * hour],
])(
  "C10: a node whose clock is %s and is then set right is told, and never stops being collected",
  {
    timeout: 60_000,
  },
  async (how, skewMs) => {
    const polled = await watchedPoller();
    const [node = "", other = ""] = polled.nodes;
    const count = (name: string): number => polled.rows().filter(({ id }) => id === `sim/node/${name}`).length;
    await polled.poll();
    const skew = await polled.faults.set({ kind: "clock-skew", node, ms: skewMs });
    const whileOff = count(node);
    for (let round = 0; round < 8; round++) await polled.poll();
    expect(count(node) - whileOff).toBe(8);
    expect(polled.openProblems()).toContain(`clock_skew sim/node/${node}`);
    const target = polled.rows().findLast(({ id }) => id === `sim/target/${node}`);
    expect(Math.abs((target?.values["clock_skew_seconds"] ?? 0) - skewMs / 1000)).toBeLessThan(30);

    await polled.faults.clear(skew);
    const whenRight = count(node);
    for (let round = 0; round < 8; round++) await polled.poll();
    expect(count(node) - whenRight).toBe(8);
    expect(count(other)).toBeGreaterThan(180);
    expect(polled.openProblems()).toEqual([]);
    const { values } = await polled.expectTruth();
    measured("C10", `a node ${how}: ${values} values true`);
  },
);
