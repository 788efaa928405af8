// D6: the disk is full for minutes while the collector goes on.
import { expect, it } from "vitest";
import { openAppendFile } from "../../src/store/append-file.ts";
import { engineStore } from "../store/build.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { measured, seconds } from "./figure.ts";
import { watchedPoller } from "./watched-poller.ts";

/** Ten-second polls; memory holds ten minutes. */
const pollsWhileFull = 45;

it("D6: a full disk stops neither collecting nor reading, and nothing is missing once there is space", {
  timeout: 60_000,
}, async () => {
  let full = false;
  const store = await engineStore(
    temporaryDirectory(),
    {},
    {
      openFile: (path) => {
        const file = openAppendFile(path);
        return {
          ...file,
          append: (bytes) => {
            if (full) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
            file.append(bytes);
          },
        };
      },
    },
  );
  const polled = await watchedPoller({ store });
  await polled.poll();

  full = true;
  const fullAt = performance.now();
  await polled.poll();
  await expect
    .poll(() => store.events.some((event) => event.event === "raise" && event.problem.code === "store_write_failed"))
    .toBe(true);
  const saidAfterMs = performance.now() - fullAt;
  for (let poll = 1; poll < pollsWhileFull; poll++) await polled.poll();
  expect((await store.stats()).writeError).toContain("the disk is full");
  const readWhileFull = await polled.expectTruth();
  expect(polled.lastRows().length).toBeGreaterThan(10);

  full = false;
  const freeAt = performance.now();
  await expect.poll(async () => (await store.stats()).writeError, { timeout: 10_000, interval: 50 }).toBeNull();
  const resumedAfterMs = performance.now() - freeAt;
  await polled.poll();
  const { values } = await polled.expectTruth();
  const { batchesDropped } = await store.stats();

  expect(batchesDropped).toBe(0);
  expect(values).toBeGreaterThan(readWhileFull.values);
  expect(saidAfterMs).toBeLessThanOrEqual(30_000);
  expect(resumedAfterMs).toBeLessThanOrEqual(10_000);
  measured(
    "D6",
    `${pollsWhileFull} polls while full: said after ${seconds(saidAfterMs)}, written ${seconds(resumedAfterMs)} after space, 0 lost, ${values} values true`,
  );
});
