// C3: a cluster that takes 5, 15, 29 or 45 s for every answer, at ten times real speed.
import { expect, it } from "vitest";
import { defaultLimits } from "../../src/pve/limits.ts";
import { measured } from "./figure.ts";
import { scaledPoller } from "./scaled-poller.ts";

const speed = 10;
const slowForMs = 90_000;

it.concurrent.each([5, 15, 29, 45])(
  "C3: answers after %d s never pile up, and nothing is lost",
  { timeout: 60_000 },
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
    // What was under way runs out, an open breaker tries again, and one more round catches up.
    await polled.pass(85_000);
    await polled.stop();
    const { values } = await polled.expectTruth();
    expect(lastSample(polled)).toBeGreaterThan(polled.clock.now() - 45_000);

    const { inFlight, requestsPerSecond } = defaultLimits;
    expect(polled.mostInFlight()).toBeLessThanOrEqual(inFlight);
    // Three retries of ten questions would be 270; a slow cluster is asked less than a quick one, not more.
    expect(asked).toBeLessThanOrEqual((slowForMs / 10_000) * 8);
    if (delayS > 10) expect(skipped + downRows.length).toBeGreaterThan(0);
    expect(overlaps(polled.requests, requestsPerSecond)).toEqual([]);
    measured(
      "C3",
      `${delayS} s: ${asked} requests in 90 s, ${polled.mostInFlight()} at once, ${skipped} skipped, ${values} values true`,
    );
  },
);

type Polled = Awaited<ReturnType<typeof scaledPoller>>;

const lastSample = (polled: Polled): number =>
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
