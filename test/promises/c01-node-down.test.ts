// C1: one of sixteen nodes is gone, in every way that a node can be gone; the others do not notice.
import { expect, it } from "vitest";
import type { FaultInput } from "../../src/simulator/index.ts";
import { measured, seconds } from "./figure.ts";
import { type WatchedPoller, watchedPoller } from "./watched-poller.ts";

const slotMs = 30_000;
/** How late the other nodes' samples may be. */
const mostLateMs = 2_000;
/** Each strikes another node, so that one failure does not hide the next. */
const ways: readonly (readonly [how: string, node: string, fault: (node: string) => FaultInput])[] = [
  ["refuses connections", "pve2", (node) => ({ kind: "dead-proxy", node })],
  ["takes connections and says nothing", "pve3", (node) => ({ kind: "dead-proxy", node, mode: "hang" })],
  ["is gone as a machine", "pve4", (node) => ({ kind: "dead-node", node })],
  ["takes longer than anybody waits", "pve5", (node) => ({ kind: "delay", ms: 30_000, node })],
  ["gives 595", "pve6", (node) => ({ kind: "status", status: 595, text: "Connection refused", node })],
  ["gives 596", "pve7", (node) => ({ kind: "status", status: 596, text: "Connection timed out", node })],
];

/** A second failed question makes it certain; one that hangs takes some rounds to fail. */
const mostRoundsUntilSaid = 6;

it("C1: a dead node of sixteen makes no other late, gives gaps and not zeros, says why, and is caught up", {
  timeout: 120_000,
}, async () => {
  const polled = await watchedPoller({ simulator: { nodes: 16, guests: 48 }, limits: { timeoutMs: 2_000 } });
  await polled.poll(slotMs);
  // What a round takes on this machine when nothing is wrong.
  let usual = 0;
  for (let round = 0; round < 3; round++) usual = Math.max(usual, await expectOthers(polled, "nobody", "is dead"));
  let worst = 0;
  for (const [how, node, fault] of ways) {
    const id = await polled.faults.set(fault(node));
    let why = "";
    for (let round = 0; round < mostRoundsUntilSaid && (round < 2 || why === ""); round++) {
      worst = Math.max(worst, await expectOthers(polled, node, how));
      why = reasonOf(polled, node);
    }
    expect(why, `${node} ${how}`).toMatch(/cannot be reached|did not answer|could not reach|offline|must be asked/);
    await polled.faults.clear(id);
    await polled.poll(slotMs);
  }
  for (let round = 0; round < 4; round++) await polled.poll(slotMs);
  const { values } = await polled.expectTruth();

  expect(worst).toBeLessThanOrEqual(usual + mostLateMs);
  measured("C1", `others there after ${seconds(worst)} (${seconds(usual)} when all live), ${values} values true`);
});

const reasonOf = (polled: WatchedPoller, node: string): string =>
  polled.fleet
    .problems()
    .filter(({ subject, clearedAt }) => subject === `sim/node/${node}` && clearedAt === null)
    .map(({ message }) => message)
    .join(" ");

/** One round; returns how long it took until everybody but the dead node was there with all samples of the slot. */
async function expectOthers(polled: WatchedPoller, dead: string, how: string): Promise<number> {
  const before = polled.rows().length;
  const begun = performance.now();
  await polled.poll(slotMs);
  const missing = (): string[] => {
    const fresh = polled.rows().slice(before);
    const count = (node: string): number =>
      fresh.filter(({ id, origin }) => id === `sim/node/${node}` && origin === "export").length;
    return polled.nodes.filter((node) => node !== dead && count(node) < 3);
  };
  await expect.poll(missing, { message: `while ${dead} ${how}`, timeout: 8_000, interval: 10 }).toEqual([]);
  const tookMs = performance.now() - begun;
  const fresh = polled.rows().slice(before);
  expect(fresh.filter(({ node, origin }) => node === dead && origin === "export")).toEqual([]);
  expect(fresh.find(({ id }) => id === `sim/target/${dead}`)?.values["up"] ?? 0).toBe(0);
  return tookMs;
}
