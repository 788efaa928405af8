// C8: a vmid is given to another guest, slowly and between two polls.
import { expect, it } from "vitest";
import { measured } from "./figure.ts";
import { watchedPoller } from "./watched-poller.ts";

it("C8: the next guest under a vmid has a history of its own", { timeout: 60_000 }, async () => {
  const polled = await watchedPoller();
  const { state } = polled.simulator;
  const [first, second, third] = [...state.guests.values()].filter(({ template }) => !template);
  if (first === undefined || second === undefined || third === undefined) throw new Error("too few guests");

  // Gone for a while, then used again.
  state.deleteGuest(first.vmid);
  for (let round = 0; round < 3; round++) await polled.poll();
  state.createGuest({ node: first.node, vmid: first.vmid });
  await polled.poll();
  // Deleted, as its task says, and used again by another guest of the same kind before anybody looked.
  state.destroyGuest(second.vmid);
  polled.simulator.advance(3_000);
  state.createGuest({ node: second.node, vmid: second.vmid, type: second.type });
  for (let round = 0; round < 3; round++) await polled.poll();
  // Used again by the other kind of guest, without a task that tells.
  state.deleteGuest(third.vmid);
  state.createGuest({ node: third.node, vmid: third.vmid, type: third.type === "qemu" ? "lxc" : "qemu" });
  for (let round = 0; round < 3; round++) await polled.poll();

  for (const { vmid } of [first, second, third]) {
    const own = polled.fleet
      .list("guest", { gone: true })
      .filter((live) => live.entity.kind === "guest" && live.entity.vmid === vmid);
    expect(own.map(({ entity }) => [entity.id, entity.goneAt === null]).sort(), String(vmid)).toEqual([
      [`sim/guest/${vmid}~1`, false],
      [`sim/guest/${vmid}~2`, true],
    ]);
  }
  const { values } = await polled.expectTruth();
  measured("C8", `3 vmids used again, no history joined, ${values} values true`);
});
