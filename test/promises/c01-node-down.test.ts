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

it("C1: a dead node of sixteen makes no other late, gives gaps and not zeros, says why, and is caught up", {
  timeout: 90_000,
}, async () => {
  const polled = await watchedPoller({ simulator: { nodes: 16, guests: 48 }, limits: { timeoutMs: 1_000 } });
  await polled.poll(slotMs);
  let worst = 0;
  for (const [how, node, fault] of ways) {
    const id = await polled.faults.set(fault(node));
    for (let round = 0; round < 2; round++) worst = Math.max(worst, await expectOthers(polled, node, how));
    const problems = polled.fleet.problems().filter(({ subject }) => subject === `sim/node/${node}`);
    expect(problems.map(({ message }) => message).join(), `${node} ${how}`).toMatch(
      /cannot be reached|did not answer|could not reach|offline|is asked|must be asked/,
    );
    await polled.faults.clear(id);
    await polled.poll(slotMs);
  }
  for (let round = 0; round < 3; round++) await polled.poll(slotMs);
  const { values } = await polled.expectTruth();

  expect(worst).toBeLessThanOrEqual(mostLateMs);
  measured("C1", `others ${seconds(worst)} late at most, ${ways.length} ways to be gone, ${values} values true`);
});

/** One round: everybody but the dead node is there, with all three samples of the slot. Returns how late it was. */
async function expectOthers(polled: WatchedPoller, dead: string, how: string): Promise<number> {
  const before = polled.rows().length;
  const lateMs = await polled.poll(slotMs);
  const fresh = polled.rows().slice(before);
  const exported = fresh.filter(({ origin }) => origin === "export");
  for (const node of polled.nodes.filter((each) => each !== dead)) {
    const own = exported.filter(({ id }) => id === `sim/node/${node}`);
    expect(own.length, `${node} while ${dead} ${how}`).toBeGreaterThanOrEqual(3);
  }
  expect(exported.filter(({ node }) => node === dead)).toEqual([]);
  expect(fresh.find(({ id }) => id === `sim/target/${dead}`)?.values["up"] ?? 0).toBe(0);
  return lateMs;
}
