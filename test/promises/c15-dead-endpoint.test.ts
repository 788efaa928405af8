// C15: the only endpoint of a cluster is dead for some minutes, at six times real speed.
import { expect, it } from "vitest";
import { measured, seconds } from "./figure.ts";
import { scaledPoller } from "./scaled-poller.ts";

/** A machine that is busy with other things takes a part of it for slowness of the cluster. */
const speed = 6;

it.concurrent.each(["refuse", "hang"] as const)(
  "C15: a dead endpoint (%s) is tried every 30 s, and used within a slot of its return",
  {
    timeout: 90_000,
    retry: 1,
  },
  async (mode) => {
    const polled = await scaledPoller({ speed, simulator: { nodes: 1, guests: 4 } });
    await polled.pass(22_000);
    const deadAt = polled.clock.now();
    await polled.faults.set({ kind: "dead-proxy", node: "pve1", mode });
    await polled.pass(160_000);
    const tries = polled.requests.filter(({ at }) => at > deadAt + 50_000).map(({ at }) => at);
    const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));

    await polled.faults.clear();
    const backAt = polled.clock.now();
    await polled.pass(50_000);
    await polled.stop();
    const answered = polled
      .rows()
      .find(({ id, ts, values }) => id === "sim/target/@cluster" && values["up"] === 1 && ts > backAt);
    const probeAt = polled.requests.find(({ at }) => at > backAt)?.at ?? Number.POSITIVE_INFINITY;
    const { values } = await polled.expectTruth();

    expect(tries.length).toBeGreaterThan(1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(29_000);
    expect(probeAt - backAt).toBeLessThanOrEqual(42_000);
    expect((answered?.ts ?? Number.POSITIVE_INFINITY) - probeAt).toBeLessThanOrEqual(12_000);
    expect(polled.events.some((event) => event.type === "problem" && event.problem.code === "samples_stale")).toBe(
      false,
    );
    measured(
      "C15",
      `${mode}: ${seconds(Math.min(...gaps))} between tries, in use ${seconds((answered?.ts ?? 0) - probeAt)} after the first, ${values} values true`,
    );
  },
);
