// C3: a cluster that takes 5, 15, 29 or 45 s for every answer, at six times real speed.
import { expect, it } from "vitest";
import { defaultLimits } from "../../src/pve/limits.ts";
import { measured, seconds } from "./figure.ts";
import { scaledPoller } from "./scaled-poller.ts";

/** A machine that is busy with other things takes a part of it for slowness of the cluster. */
const speed = 6;
const slowForMs = 70_000;
const mostUntilCaughtUpMs = 480_000;

it.concurrent.each([5, 15, 29, 45])(
  "C3: answers after %d s never pile up, and nothing is lost",
  { timeout: 180_000 },
  async (delayS) => {
    const polled = await scaledPoller({ speed, simulator: { nodes: 2, guests: 4 } });
    await polled.pass(22_000);
    expect(polled.rows().length).toBeGreaterThan(0);

    const askedBefore = polled.requests.length;
    const skippedBefore = polled.cost()?.skippedPolls ?? 0;
    await polled.faults.set({ kind: "delay", ms: delayS * 1_000 });
    await polled.pass(slowForMs);
    const asked = polled.requests.length - askedBefore;
    const skipped = (polled.cost()?.skippedPolls ?? 0) - skippedBefore;
    const downRows = polled.rows().filter(({ id, values }) => id.startsWith("sim/target/") && values["up"] === 0);

    await polled.faults.clear();
    const clearedAt = polled.clock.now();
    // A slow cluster is asked less often, and an open breaker has to try again; what was missed then comes at once.
    while (oldestNews(polled) < clearedAt && polled.clock.now() < clearedAt + mostUntilCaughtUpMs)
      await polled.pass(2_000);
    const caughtUpMs = polled.clock.now() - clearedAt;
    expect(oldestNews(polled)).toBeGreaterThan(clearedAt);
    await polled.stop();
    const { values } = await polled.expectTruth();

    const { inFlight, requestsPerSecond } = defaultLimits;
    expect(polled.mostInFlight()).toBeLessThanOrEqual(inFlight);
    // Three retries of ten questions would be 270; a slow cluster is asked less than a quick one, not more.
    expect(asked).toBeLessThanOrEqual((slowForMs / 10_000) * 8);
    if (delayS > 10) expect(skipped + downRows.length).toBeGreaterThan(0);
    expect(overlaps(polled.requests, requestsPerSecond)).toEqual([]);
    measured(
      "C3",
      `${delayS} s: ${asked} requests in 70 s, ${polled.mostInFlight()} at once, ${skipped} skipped, caught up after ${seconds(caughtUpMs)}, ${values} values true`,
    );
  },
);

type Polled = Awaited<ReturnType<typeof scaledPoller>>;

/** The newest sample of the node that has the oldest one. */
const oldestNews = (polled: Polled): number =>
  Math.min(
    ...polled.nodes.map((node) =>
      Math.max(
        ...polled
          .rows()
          .filter(({ id }) => id === `sim/node/${node}`)
          .map(({ ts }) => ts),
      ),
    ),
  );

/** Seconds in which more was sent than the budget's burst allows. */
function overlaps(requests: readonly { readonly at: number }[], perSecond: number): number[] {
  const bySecond = new Map<number, number>();
  for (const { at } of requests) {
    const second = Math.floor(at / 1000);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
  }
  return [...bySecond].filter(([, count]) => count > 3 * perSecond).map(([second]) => second);
}
