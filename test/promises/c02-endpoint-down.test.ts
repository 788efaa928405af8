// C2: the address that everything is asked at goes away; another one takes over within the same round.
import { expect, it } from "vitest";
import { measured } from "./figure.ts";
import { watchedPoller } from "./watched-poller.ts";

it.each(["refuse", "hang"] as const)(
  "C2: an endpoint that is dead (%s) costs no slot, with three configured",
  {
    timeout: 60_000,
  },
  async (mode) => {
    const polled = await watchedPoller({ endpoints: ({ nodeUrls }) => Object.values(nodeUrls) });
    await polled.poll();
    const [first = "", ...others] = polled.nodes;

    await polled.faults.set({ kind: "dead-proxy", node: first, mode });
    let lost = 0;
    for (let round = 0; round < 4; round++) {
      const before = polled.rows().length;
      await polled.poll();
      const fresh = polled.rows().slice(before);
      const isListed = fresh.some(({ id, values }) => id === "sim/target/@cluster" && values["up"] === 1);
      const isMeasured = others.every((node) => fresh.some(({ id }) => id === `sim/node/${node}`));
      if (!isListed || !isMeasured) lost++;
    }
    expect(lost).toBeLessThanOrEqual(1);
    expect(polled.openProblems()).toEqual([`unreachable sim/node/${first}`]);

    await polled.faults.clear();
    for (let round = 0; round < 3; round++) await polled.poll();
    const { values } = await polled.expectTruth();
    expect(polled.openProblems()).toEqual([]);
    measured("C2", `${mode}: ${lost} of 4 slots lost, ${values} values true`);
  },
);
