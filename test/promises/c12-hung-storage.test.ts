// C12: an NFS server goes away under the cluster.
import { expect, it } from "vitest";
import { measured } from "./figure.ts";
import { watchedPoller } from "./watched-poller.ts";

it("C12: a hung storage is said within two slots and keeps nothing else from being measured", {
  timeout: 60_000,
}, async () => {
  const polled = await watchedPoller();
  for (let round = 0; round < 3; round++) await polled.poll();
  const hung = "sim/storage/@nfs-backup";
  expect(polled.lastRows().filter(({ id }) => id === hung)).toHaveLength(1);
  const usual = polled.lastRows().filter(({ origin }) => origin === "export").length;

  await polled.faults.set({ kind: "storage-hung", storage: "nfs-backup" });
  let saidAfter = 0;
  for (let round = 1; round <= 40; round++) {
    await polled.poll();
    const fresh = polled.lastRows().filter(({ origin }) => origin === "export");
    expect(fresh.filter(({ id }) => id === hung)).toEqual([]);
    expect(fresh).toHaveLength(usual - 1);
    if (saidAfter === 0 && polled.openProblems().includes(`storage_unavailable ${hung}`)) saidAfter = round;
  }
  expect(saidAfter).toBeGreaterThan(0);
  expect(saidAfter).toBeLessThanOrEqual(2);

  await polled.faults.clear();
  for (let round = 0; round < 3; round++) await polled.poll();
  expect(polled.lastRows().filter(({ id }) => id === hung)).toHaveLength(1);
  expect(polled.openProblems()).toEqual([]);
  const { values } = await polled.expectTruth();
  measured("C12", `said after ${saidAfter} slots, all else measured 40 of 40 times, ${values} values true`);
});
