import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GuestEntity, Task } from "../../../src/model/inventory.ts";
import { aState } from "./state-fixture.ts";

const aGuest = (vmid: number, more: Partial<GuestEntity> = {}): GuestEntity => ({
  kind: "guest",
  id: `lab/guest/${vmid}~1`,
  cluster: "lab",
  name: `vm${vmid}`,
  firstSeenAt: 1_700_000_000_000,
  lastSeenAt: 1_700_000_060_000,
  goneAt: null,
  vmid,
  generation: 1,
  type: "qemu",
  node: "pve1",
  status: "running",
  template: false,
  lock: null,
  tags: ["web"],
  pool: null,
  haState: null,
  ...more,
});

const aTask = (number: number, endedAt: number | null): Task => ({
  upid: `UPID:pve1:${number}`,
  cluster: "lab",
  node: "pve1",
  type: "vzdump",
  subject: "100",
  guestId: "lab/guest/100~1",
  user: "root@pam",
  startedAt: number,
  endedAt,
  state: endedAt === null ? "running" : "ok",
  exitStatus: endedAt === null ? null : "OK",
});

describe("entities", () => {
  it("come back as they were saved, whatever their names hold", async () => {
    const { entities } = await aState();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), fc.array(fc.string()), async (name, tags) => {
        const guest = aGuest(100, { name, tags });
        await entities.save([guest]);

        expect(await entities.load("lab")).toEqual([guest]);
      }),
      { numRuns: 50 },
    );
  });

  it("replace what was known of the same id, and only that", async () => {
    const { entities } = await aState();
    await entities.save(Array.from({ length: 450 }, (_, index) => aGuest(100 + index)));
    await entities.save([aGuest(100, { goneAt: 5 }), aGuest(100, { goneAt: 6 })]);

    const loaded = await entities.load("lab");

    expect(loaded).toHaveLength(450);
    expect(loaded.filter((entity) => entity.goneAt !== null)).toEqual([aGuest(100, { goneAt: 6 })]);
  });

  it("are kept apart by cluster", async () => {
    const { entities } = await aState();
    await entities.save([aGuest(1), aGuest(2, { id: "other/guest/2~1", cluster: "other" })]);

    expect((await entities.load("other")).map((entity) => entity.id)).toEqual(["other/guest/2~1"]);
    expect(await entities.load("none")).toEqual([]);
  });
});

describe("finished tasks", () => {
  it("come back newest first, running ones are not kept", async () => {
    const { tasks, clock } = await aState();
    const now = clock.now();
    await tasks.save([aTask(1, now - 2), aTask(2, null), aTask(3, now - 1)]);

    expect(await tasks.load("lab")).toEqual([aTask(3, now - 1), aTask(1, now - 2)]);
    expect(await tasks.load("lab", 1)).toHaveLength(1);
  });

  it("saved again are held once", async () => {
    const { tasks, clock } = await aState();
    await tasks.save([aTask(1, clock.now() - 5), aTask(1, clock.now() - 5)]);
    await tasks.save([aTask(1, clock.now() - 3)]);

    expect(await tasks.load("lab")).toEqual([aTask(1, clock.now() - 3)]);
  });

  it("are dropped by age and by number, oldest first", async () => {
    const { tasks, clock } = await aState({ taskBounds: { keepMs: 1000, keepCount: 3 } });
    const now = clock.now();
    await tasks.save([aTask(0, now - 2000), ...[1, 2, 3, 4, 5].map((number) => aTask(number, now - 100 + number))]);

    expect((await tasks.load("lab")).map((task) => task.startedAt)).toEqual([5, 4, 3]);

    clock.advance(2000);
    await tasks.save([aTask(9, clock.now())]);
    expect((await tasks.load("lab")).map((task) => task.startedAt)).toEqual([9]);
  });
});
