// C9: counters restart, jump back, stand still, are not read for a round, and jump further than anything can send.
import { expect, it } from "vitest";
import type { SimGuest } from "../../src/simulator/entities.ts";
import type { Signal } from "../../src/simulator/signal.ts";
import { measured } from "./figure.ts";
import { watchedPoller } from "./watched-poller.ts";

/** 400 Gbit/s; nothing that PVE runs on is faster. */
const fastestBytesPerSecond = 5e10;

it("C9: no counter, whatever it does, becomes traffic that was not there", { timeout: 60_000 }, async () => {
  const polled = await watchedPoller({ simulator: { nodes: 2, guests: 8 } });
  const { state } = polled.simulator;
  const running = [...state.guests.values()].filter(({ vmid }) => isRunning(polled, vmid));
  const [restarted, backwards, stuck, unread, huge] = running;
  if (
    restarted === undefined ||
    backwards === undefined ||
    stuck === undefined ||
    unread === undefined ||
    huge === undefined
  )
    throw new Error("too few guests run");
  const net = ({ vmid }: SimGuest): (number | null | undefined)[] =>
    polled
      .rows()
      .filter(({ id }) => id === `sim/guest/${vmid}~1`)
      .map(({ values }) => values["net_in_bytes_per_second"]);
  const poll = async (rounds: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) await polled.poll();
  };
  await poll(2);
  const before = new Map(running.map((guest) => [guest, net(guest).length]));

  state.stopGuest(restarted.vmid);
  scale(backwards, 0.5);
  const scaleOfStuck = freeze(polled, stuck);
  scale(unread, 0);
  scale(huge, 1e9);
  await poll(2);
  state.startGuest(restarted.vmid);
  scaleOfStuck.release();
  restore(unread);
  restore(huge);
  await poll(4);
  // A node that boots begins to count anew, and so do its guests.
  const [, node = ""] = polled.nodes;
  await polled.faults.set({ kind: "dead-node", node });
  await poll(2);
  await polled.faults.clear();
  await poll(6);

  const rates = polled.rows().flatMap(({ id, values }) =>
    Object.entries(values)
      .filter(([metric]) => metric.endsWith("_per_second"))
      .map(([metric, value]) => ({ id, metric, value })),
  );
  for (const { id, metric, value } of rates) {
    expect(value, `${id} ${metric}`).toBeGreaterThanOrEqual(0);
    expect(value, `${id} ${metric}`).toBeLessThanOrEqual(metric.startsWith("net") ? fastestBytesPerSecond : 1e11);
  }
  const since = (guest: SimGuest) => net(guest).slice(before.get(guest));
  // The first interval after a fall says nothing; the ones after it do again.
  expect(since(backwards)[0]).toBeUndefined();
  expect(since(backwards)[1]).toBeGreaterThanOrEqual(0);
  expect(since(unread)[0]).toBeUndefined();
  expect(since(huge)[0]).toBeUndefined();
  expect(since(stuck)[1]).toBe(0);
  const { values } = await polled.expectTruth();
  measured("C9", `${rates.length} rates, all between 0 and what a network card can do, ${values} values true`);
});

type Polled = Awaited<ReturnType<typeof watchedPoller>>;
const isRunning = (polled: Polled, vmid: number): boolean =>
  polled.fleet.get(`sim/guest/${vmid}~1`)?.values["running"] === 1;

type Scales = { -readonly [K in "netInScale" | "netOutScale" | "diskReadScale" | "diskWriteScale"]: number };
const originals = new Map<SimGuest, Scales>();

/** Multiplies what the guest has counted so far, while its process lives on. */
function scale(guest: SimGuest, factor: number): void {
  const load = guest.load as unknown as Scales;
  const { netInScale, netOutScale, diskReadScale, diskWriteScale } = load;
  originals.set(guest, { netInScale, netOutScale, diskReadScale, diskWriteScale });
  Object.assign(load, {
    netInScale: netInScale * factor,
    netOutScale: netOutScale * factor,
    diskReadScale: diskReadScale * factor,
    diskWriteScale: diskWriteScale * factor,
  });
}

function restore(guest: SimGuest): void {
  Object.assign(guest.load, originals.get(guest));
}

/** Makes the guest's curves stand still, so that its counters do. */
function freeze(polled: Polled, guest: SimGuest): { release(): void } {
  const { cpu, io } = guest.load;
  const since = polled.simulator.state.nowS;
  const still = (curve: Signal) => ({
    integral: (atS: number) => curve.integral(Math.min(atS, since)),
    average: (fromS: number, toS: number) => curve.average(fromS, toS),
  });
  Object.assign(guest.load, { cpu: still(cpu), io: still(io) });
  return { release: () => Object.assign(guest.load, { cpu, io }) };
}
