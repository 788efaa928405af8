import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyFleetFrame,
  applyListFrame,
  type FleetItems,
  type Frame,
  fleetOf,
  judgeFrame,
} from "../../src/web/live/fleet-store.ts";
import { makeFleet } from "./fake/fleet.ts";
import { must } from "./must.ts";

const { items } = makeFleet({ nodes: 2, guests: 4 });
const guest = must(items.find((item) => item.kind === "guest"));
const frame = (type: Frame["type"], seq: number, epoch = "a"): Frame => ({
  topic: "fleet",
  epoch,
  seq,
  type,
  data: {},
});

describe("the order of frames", () => {
  it("applies the next delta and drops one that was seen", () => {
    expect(judgeFrame({ epoch: "a", seq: 4 }, frame("delta", 5))).toBe("apply");
    expect(judgeFrame({ epoch: "a", seq: 4 }, frame("delta", 4))).toBe("drop");
  });

  it("asks for a snapshot when frames are missing, before any snapshot, and after a restart of the server", () => {
    expect(judgeFrame({ epoch: "a", seq: 4 }, frame("delta", 6))).toBe("resync");
    expect(judgeFrame(null, frame("delta", 1))).toBe("resync");
    expect(judgeFrame({ epoch: "a", seq: 4 }, frame("delta", 5, "b"))).toBe("resync");
  });

  it("takes any snapshot and waits for one after a gap", () => {
    expect(judgeFrame({ epoch: "a", seq: 4 }, frame("snapshot", 1, "b"))).toBe("apply");
    expect(judgeFrame({ epoch: "a", seq: 4 }, frame("gap", 9))).toBe("drop");
  });
});

describe("a fleet frame", () => {
  const fleet = fleetOf(items);
  const delta = (data: object): FleetItems => applyFleetFrame(fleet, { type: "delta", data });

  it("replaces everything with a snapshot", () => {
    const after = applyFleetFrame(fleet, { type: "snapshot", data: { items: [guest] } });

    expect([...after.keys()]).toEqual([guest.id]);
  });

  it("changes only what a delta names, and keeps the objects of the others", () => {
    const after = delta({ changed: [{ id: guest.id, values: { cpu_ratio: 0.99 } }] });

    expect(after.get(guest.id)?.values).toEqual({ ...guest.values, cpu_ratio: 0.99 });
    for (const item of items) if (item.id !== guest.id) expect(after.get(item.id)).toBe(item);
    expect(fleet.get(guest.id)).toBe(guest);
  });

  it("forgets a metric that vanished instead of keeping its last value", () => {
    const after = delta({ changed: [{ id: guest.id, status: "stopped", values: { uptime_seconds: null } }] });

    expect(after.get(guest.id)).toMatchObject({ status: "stopped" });
    expect(after.get(guest.id)?.values).not.toHaveProperty("uptime_seconds");
  });

  it("adds what comes whole, removes what is gone, and leaves out a change of the unknown", () => {
    const after = delta({
      changed: [
        { ...guest, id: "demo/guest/999~1" },
        { id: "demo/guest/5~1", values: {} },
      ],
      removed: [guest.id],
    });

    expect(after.has("demo/guest/999~1")).toBe(true);
    expect(after.has("demo/guest/5~1")).toBe(false);
    expect(after.has(guest.id)).toBe(false);
  });

  it("reaches the same fleet by deltas as by the snapshot of the end", () => {
    const changes = fc.array(
      fc.record({ index: fc.nat({ max: items.length - 1 }), cpu: fc.double({ min: 0, max: 1, noNaN: true }) }),
    );
    fc.assert(
      fc.property(changes, (list) => {
        let live = fleet;
        const truth = new Map(items.map((item) => [item.id, item]));
        for (const { index, cpu } of list) {
          const item = must(truth.get(must(items[index]).id));
          truth.set(item.id, { ...item, values: { ...item.values, cpu_ratio: cpu } });
          live = applyFleetFrame(live, {
            type: "delta",
            data: { changed: [{ id: item.id, values: { cpu_ratio: cpu } }] },
          });
        }
        expect([...live]).toEqual([...truth]);
      }),
    );
  });
});

it("replaces a task by its upid and keeps the others", () => {
  const { tasks } = makeFleet({ nodes: 2, guests: 10 });
  const ended = { ...must(tasks[0]), state: "ok" as const };

  const after = applyListFrame(tasks, { type: "delta", data: { changed: [ended] } });

  expect(after).toHaveLength(tasks.length);
  expect(after.find((task) => task.upid === ended.upid)?.state).toBe("ok");
});
