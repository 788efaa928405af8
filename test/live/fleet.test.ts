import { describe, expect, it } from "vitest";
import type { Clock } from "../../src/lib/clock.ts";
import { Fleet } from "../../src/live/fleet.ts";
import { type Batch, blocksFromRows, type Row } from "../../src/model/batch.ts";
import type { FleetChange } from "../../src/model/fleet.ts";
import type { GuestEntity, Task } from "../../src/model/inventory.ts";
import { aGuest, aTask } from "../build.ts";

let now = 1_000;
const clock: Clock = { now: () => now, monotonic: () => now, sleep: async () => undefined };

const guest = (more: Partial<GuestEntity> = {}): GuestEntity => aGuest("c", 100, 1, more);
const row = (ts: number, values: Row["values"]): Row => ({
  id: "c/guest/100~1",
  ts,
  stepS: 10,
  origin: "export",
  node: "pve1",
  values,
});
const batch = (...rows: Row[]): Batch => ({
  batchId: "b",
  cluster: "c",
  source: "poll",
  blocks: blocksFromRows(() => "guest", rows),
  marks: {},
});
const task = (more: Partial<Task> = {}): Task =>
  aTask("c", 1, 5, { endedAt: null, state: "running", exitStatus: null, ...more });

function fleetWith(...entities: GuestEntity[]) {
  const fleet = new Fleet(clock);
  const changes: FleetChange[] = [];
  fleet.applyEvent({ type: "inventory", cluster: "c", changed: entities });
  fleet.subscribe((change) => changes.push(change));
  return { fleet, changes };
}

describe("the fleet", () => {
  it("shows the newest row of each entity, and drops a metric that the newest row does not have", () => {
    const { fleet, changes } = fleetWith(guest());

    fleet.applyBatch(batch(row(20_000, { running: 0 }), row(10_000, { running: 1, cpu_ratio: 0.5 })));

    expect(fleet.get("c/guest/100~1")).toMatchObject({ values: { running: 0 }, valuesAt: 20_000, periodS: 10 });
    expect(fleet.get("c/guest/100~1")?.values).not.toHaveProperty("cpu_ratio");
    expect(changes).toEqual([{ type: "entities", ids: ["c/guest/100~1"] }]);
  });

  it("does not go back in time", () => {
    const { fleet, changes } = fleetWith(guest());
    fleet.applyBatch(batch(row(20_000, { cpu_ratio: 0.2 })));

    fleet.applyBatch(batch(row(10_000, { cpu_ratio: 0.9 })));

    expect(fleet.get("c/guest/100~1")?.values["cpu_ratio"]).toBe(0.2);
    expect(changes).toHaveLength(1);
  });

  it("keeps the values when a description changes", () => {
    const { fleet } = fleetWith(guest());
    fleet.applyBatch(batch(row(20_000, { cpu_ratio: 0.2 })));

    fleet.applyEvent({ type: "inventory", cluster: "c", changed: [guest({ name: "b" })] });

    expect(fleet.get("c/guest/100~1")).toMatchObject({ entity: { name: "b" }, values: { cpu_ratio: 0.2 } });
  });

  it("lists what is gone only when asked", () => {
    const { fleet } = fleetWith(guest(), guest({ id: "c/guest/101~1", vmid: 101, goneAt: 5 }));

    expect(fleet.list("guest").map((live) => live.entity.id)).toEqual(["c/guest/100~1"]);
    expect(fleet.list("guest", { gone: true })).toHaveLength(2);
  });

  it("is there again after a restart, with the values that were stored", () => {
    const fleet = new Fleet(clock);

    fleet.restore(
      [guest()],
      [{ id: "c/guest/100~1", ts: 5_000, stepS: 10, node: "pve1", values: { cpu_ratio: 0.3, mem_used_bytes: null } }],
    );

    expect(fleet.get("c/guest/100~1")).toMatchObject({ values: { cpu_ratio: 0.3 }, valuesAt: 5_000 });
  });

  it("tells of a task once per state", () => {
    const { fleet, changes } = fleetWith();
    const tasks = (...list: Task[]) => fleet.applyEvent({ type: "tasks", cluster: "c", tasks: list });

    tasks(task());
    tasks(task());
    tasks(task({ state: "ok", endedAt: 9, exitStatus: "OK" }));

    expect(changes).toEqual([
      { type: "tasks", upids: [task().upid] },
      { type: "tasks", upids: [task().upid] },
    ]);
    expect(fleet.tasks()).toMatchObject([{ state: "ok" }]);
  });

  it("keeps since when a problem is open, orders by severity, and forgets cleared ones after a day", () => {
    const { fleet, changes } = fleetWith();
    const raise = (code: string, severity: "warning" | "critical", message = code) =>
      fleet.applyEvent({ type: "problem", problem: { code, subject: "c/cluster", severity, message, remedy: "" } });
    now = 1_000;
    raise("a", "warning");
    now = 2_000;
    raise("b", "critical");
    raise("a", "warning");
    raise("a", "warning", "worse");
    fleet.applyEvent({ type: "problem-cleared", code: "b", subject: "c/cluster" });
    fleet.applyEvent({ type: "problem-cleared", code: "unknown", subject: "c/cluster" });

    expect(fleet.problems()).toMatchObject([
      { code: "a", since: 1_000, message: "worse" },
      { code: "b", clearedAt: 2_000 },
    ]);
    expect(changes.filter((change) => change.type === "problems")).toHaveLength(4);
    now += 24 * 3_600_000 + 1;
    expect(fleet.problems()).toHaveLength(1);
  });
});
