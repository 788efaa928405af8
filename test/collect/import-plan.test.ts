import { describe, expect, it } from "vitest";
import { Drops } from "../../src/collect/drops.ts";
import { importSteps } from "../../src/collect/import-plan.ts";
import { RowTarget } from "../../src/collect/row-target.ts";
import { addRrdRows } from "../../src/collect/rrd-rows.ts";
import type { RrdStep } from "../../src/collect/rrd-step.ts";
import { rowsOf } from "../../src/model/batch.ts";
import type { Entity } from "../../src/model/inventory.ts";
import { capabilitiesOf } from "../../src/pve/index.ts";
import { aGuest, aNode, aStorage } from "../build.ts";

const entities: Entity[] = [aGuest("c", 100, 1), aNode("c", "pve1", 1), aStorage("c", null, "nfs", 1)];

const step = (kind: "node" | "guest" | "storage", stepS = 1800): RrdStep => ({
  subject: {
    id: `c/${kind}/x`,
    kind,
    bornAt: 0,
    where: { node: "pve1", ...(kind === "guest" ? { guest: { type: "qemu", vmid: 100 } } : {}) },
  },
  timeframe: "month",
  stepS,
  withMax: true,
});
const add = (the: RrdStep, rows: ({ time: number } & Record<string, number>)[], until = Number.POSITIVE_INFINITY) => {
  const target = new RowTarget();
  const drops = new Drops();
  const oldest = addRrdRows(the, "rrd-avg", rows, { fromMs: 0, toMs: until }, target, drops);
  return { oldest, drops, rows: [...rowsOf(target.batch("b", "c", "import"))] };
};

describe("the plan of an import", () => {
  it("asks nodes, storages and guests, fine before coarse, maxima only where they differ from averages", () => {
    const steps = importSteps(entities, capabilitiesOf("9.2.1"), () => "pve2");

    expect(steps.map((each) => `${each.timeframe} ${each.subject.id} ${each.withMax}`)).toEqual([
      "day c/node/pve1 false",
      "day c/storage/@nfs false",
      "day c/guest/100~1 false",
      "month c/node/pve1 true",
      "month c/storage/@nfs true",
      "month c/guest/100~1 true",
      "year c/node/pve1 true",
      "year c/storage/@nfs true",
      "year c/guest/100~1 true",
      "decade c/node/pve1 true",
    ]);
    expect(steps[1]?.subject.where.node).toBe("pve2");
  });
});

describe("the order of an import", () => {
  it("lets the nodes take turns", () => {
    const many = [1, 2, 3, 4].map((vmid) => aGuest("c", 100 + vmid, 1, { node: vmid < 3 ? "pve1" : "pve2" }));
    const nodes = importSteps(many, capabilitiesOf("9.2.1"), () => undefined)
      .slice(0, 4)
      .map((each) => each.subject.where.node);

    expect(nodes).toEqual(["pve1", "pve2", "pve1", "pve2"]);
  });

  it("asks 8 for all five of its timeframes", () => {
    const steps = importSteps([aGuest("c", 100, 1)], capabilitiesOf("8.4.1"), () => undefined);

    expect(steps.map((each) => each.timeframe)).toEqual(["hour", "day", "week", "month", "year"]);
  });
});

describe("rows of an imported answer", () => {
  it("keep PVE's time, value and width, under our names", () => {
    const { rows } = add(step("node"), [
      { time: 1_760_000_400, cpu: 0.5, memused: 7 },
      { time: 1_760_002_200, cpu: 0.6 },
    ]);

    expect(rows).toEqual([
      {
        id: "c/node/x",
        ts: 1_760_000_400_000,
        stepS: 1800,
        origin: "rrd-avg",
        node: "pve1",
        values: { cpu_ratio: 0.5, mem_used_bytes: 7 },
      },
      {
        id: "c/node/x",
        ts: 1_760_002_200_000,
        stepS: 1800,
        origin: "rrd-avg",
        node: "pve1",
        values: { cpu_ratio: 0.6 },
      },
    ]);
  });

  it("leave gaps out, and end where finer samples begin", () => {
    const { rows, oldest } = add(
      step("node"),
      [{ time: 1_800 }, { time: 3_600, cpu: 0.1 }, { time: 5_400, cpu: 0.2 }, { time: 7_200, cpu: 0.3 }],
      5_400_000,
    );

    expect(rows.map((row) => row.ts)).toEqual([3_600_000, 5_400_000]);
    expect(oldest).toBe(3_600_000);
  });

  it("are only those of the guest itself, not of an earlier one under its vmid", () => {
    const target = new RowTarget();
    const rows = [0, 1_800, 3_600, 5_400].map((time) => ({ time: time + 1e9, cpu: 0.1 }));
    const window = { fromMs: (1e9 + 1_800) * 1000, toMs: Number.POSITIVE_INFINITY };

    const oldest = addRrdRows(step("guest"), "rrd-avg", rows, window, target, new Drops());

    expect(oldest).toBe((1e9 + 3_600) * 1000);
    expect([...rowsOf(target.batch("b", "c", "import"))].map((row) => row.ts / 1000 - 1e9)).toEqual([3_600, 5_400]);
  });

  it("are no wider for rows that are missing altogether", () => {
    const times = [0, 60, 120, 300, 360];
    const { rows } = add(
      step("node", 60),
      times.map((time) => ({ time: time + 1e9, cpu: 0.1 })),
    );

    expect(rows.map((row) => row.stepS)).toEqual([60, 60, 60, 60, 60]);
  });

  it("take the width from the neighbours, which an upgrade from 8 to 9 changes in the middle of an answer", () => {
    const times = [0, 43_200, 86_400, 88_200, 90_000];
    const { rows } = add(
      step("node"),
      times.map((time) => ({ time: time + 1e9, cpu: 0.1 })),
    );

    expect(rows.map((row) => row.stepS)).toEqual([43_200, 43_200, 43_200, 1_800, 1_800]);
  });

  it("do not take a VM's unknown disk use, or an inactive storage, for 0", () => {
    expect(add(step("guest"), [{ time: 1e9, disk: 0, cpu: 0.5 }]).rows[0]?.values).toEqual({ cpu_ratio: 0.5 });
    expect(add(step("storage"), [{ time: 1e9, total: 0, used: 0 }]).rows).toEqual([]);
  });

  it("drop values that cannot be, and count them", () => {
    const { rows, drops } = add(step("node"), [{ time: 1e9, cpu: 17, memused: 5 }]);

    expect(rows[0]?.values).toEqual({ mem_used_bytes: 5 });
    expect(drops.counts).toEqual({ "out of range": 1 });
  });
});
