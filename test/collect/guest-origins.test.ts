// Two guests that had the same vmid one after the other are two guests, also when nobody watched the change.
import { afterEach, describe, expect, it } from "vitest";
import type { SimGuest } from "../../src/simulator/entities.ts";
import { type PollerSetup, pollSimulated } from "./simulated-poller.ts";

type Polled = Awaited<ReturnType<typeof pollSimulated>>;
const open: Polled[] = [];

async function started(setup: PollerSetup = {}): Promise<Polled> {
  const polled = await pollSimulated(setup);
  open.push(polled);
  await polled.first();
  return polled;
}

afterEach(async () => {
  for (const polled of open.splice(0).reverse()) await polled.stop();
});

const configsAsked = (polled: Polled): string[] =>
  polled.requests.filter(({ path }) => path.endsWith("/config")).map(({ path }) => path);
const guestOf = (polled: Polled, id: string) => {
  const entity = polled.fleet.get(id)?.entity;
  return entity?.kind === "guest" ? entity : undefined;
};
const aVm = (polled: Polled): SimGuest => {
  const guest = [...polled.simulator.state.guests.values()].find((each) => each.type === "qemu" && !each.template);
  if (guest === undefined) throw new Error("the simulated cluster has no VM");
  return guest;
};
const vmsOf = (polled: Polled): SimGuest[] =>
  [...polled.simulator.state.guests.values()].filter((each) => each.type === "qemu");

/** Waits until every VM's creation time is known. */
async function known(polled: Polled): Promise<void> {
  const lacking = () =>
    vmsOf(polled).filter(({ vmid }) => typeof guestOf(polled, `sim/guest/${vmid}~1`)?.createdAt !== "number");
  await expect.poll(() => lacking().length, { timeout: 10_000 }).toBe(0);
}

/** Stops polling, lets `change` happen meanwhile, and starts again on what is stored. */
async function away(before: Polled, ms: number, change: () => void): Promise<Polled> {
  const entities = (["node", "guest", "storage"] as const).flatMap((kind) =>
    before.fleet.list(kind).map((live) => live.entity),
  );
  await before.stop(false);
  open.splice(open.indexOf(before), 1);
  before.simulator.advance(ms / 2);
  change();
  before.simulator.advance(ms / 2);
  return started({ on: before.simulator, store: before.store, known: entities });
}

describe("a VM's creation time", () => {
  it("is read once, from its configuration, and remembered", async () => {
    const polled = await started();
    await known(polled);

    for (const { vmid, createdAtS } of vmsOf(polled))
      expect(guestOf(polled, `sim/guest/${vmid}~1`)?.createdAt).toBe(createdAtS * 1000);
    const asked = configsAsked(polled).length;
    expect(asked).toBe(vmsOf(polled).length);
    for (let round = 0; round < 3; round++) await polled.poll();
    expect(configsAsked(polled)).toHaveLength(asked);
  });

  it("is not asked again after a short stop, of guests that have run meanwhile", async () => {
    const before = await started();
    await known(before);
    const polled = await away(before, 120_000, () => undefined);
    await polled.poll();
    await polled.poll();

    const running = vmsOf(polled).filter((each) => each.lives.at(-1)?.toS === Number.POSITIVE_INFINITY);
    expect(running.length).toBeGreaterThan(0);
    for (const { vmid, node } of running)
      expect(configsAsked(polled)).not.toContain(`/nodes/${node}/qemu/${vmid}/config`);
  });

  it("tells a vmid that was given to another VM while we were away", async () => {
    const before = await started();
    await known(before);
    const old = aVm(before);
    const polled = await away(before, 15 * 60_000, () => {
      const { state } = before.simulator;
      state.deleteGuest(old.vmid);
      state.createGuest({ node: old.node, vmid: old.vmid, type: "qemu", name: old.name });
    });
    await expect
      .poll(
        async () => {
          await polled.poll();
          return guestOf(polled, `sim/guest/${old.vmid}~2`)?.goneAt;
        },
        { timeout: 10_000 },
      )
      .toBeNull();

    expect(guestOf(polled, `sim/guest/${old.vmid}~1`)?.goneAt).not.toBeNull();
    expect(
      polled.fleet.list("guest").filter(({ entity }) => entity.kind === "guest" && entity.vmid === old.vmid),
    ).toHaveLength(1);
  });
});

describe("a container", () => {
  it("has no creation time, but the task that deleted its predecessor while we were away tells", async () => {
    const before = await started();
    const old = [...before.simulator.state.guests.values()].find((each) => each.type === "lxc");
    if (old === undefined) throw new Error("the simulated cluster has no container");
    const polled = await away(before, 20 * 60_000, () => {
      const { state } = before.simulator;
      state.tasks.start({
        node: old.node,
        type: "vzdestroy",
        id: String(old.vmid),
        user: "root@pam",
        durationS: 1,
      }).exit = "OK";
      state.deleteGuest(old.vmid);
      state.createGuest({ node: old.node, vmid: old.vmid, type: "lxc", name: old.name });
    });
    await polled.poll();

    const now = guestOf(polled, `sim/guest/${old.vmid}~2`);
    expect(now?.goneAt).toBeNull();
    expect(guestOf(polled, `sim/guest/${old.vmid}~1`)?.goneAt).not.toBeNull();
  });
});
