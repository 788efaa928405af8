// C7: guests move while they are asked about: between two nodes' answers, between listing and samples, back and forth.
import { expect, it } from "vitest";
import { measured } from "./figure.ts";
import { watchedPoller } from "./watched-poller.ts";

it("C7: a guest that migrates in the middle of a poll keeps one series, with every sample once", {
  timeout: 60_000,
}, async () => {
  const polled = await watchedPoller({ simulator: { nodes: 3, guests: 12 } });
  const { state } = polled.simulator;
  const movers = [...state.guests.values()].filter(({ template }) => !template).map(({ vmid }) => vmid);
  let moves = 0;
  const moveSome = (): void => {
    for (const vmid of movers.filter((_, index) => (index + moves) % 3 === 0)) {
      const { node } = state.guest(vmid);
      state.migrateGuest(vmid, polled.nodes[(polled.nodes.indexOf(node) + 1) % polled.nodes.length] ?? node);
      moves++;
    }
  };

  for (let round = 0; round < 12; round++) {
    // The listing or one node's samples are late, so that guests move after the one and before the other was answered.
    const path = round % 2 === 0 ? "/cluster/resources" : "/cluster/metrics/export";
    await polled.faults.set({ kind: "delay", ms: 120, path, times: 1 });
    const moving = new Promise((resolve) => setTimeout(resolve, 60)).then(moveSome);
    await Promise.all([polled.poll(), moving]);
  }
  for (let round = 0; round < 3; round++) await polled.poll();

  const { values } = await polled.expectTruth();
  const listed = polled.fleet.list("guest").map((live) => live.entity);
  expect(listed.map(({ id }) => id).sort()).toEqual(
    [...state.guests.keys()].map((vmid) => `sim/guest/${vmid}~1`).sort(),
  );
  for (const entity of listed) {
    if (entity.kind === "guest") expect(entity.node).toBe(state.guest(entity.vmid).node);
  }
  measured("C7", `${moves} migrations in 12 polls, one series each, ${values} values true`);
});
