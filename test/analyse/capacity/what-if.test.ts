import { expect, test } from "vitest";
import type { ClusterModel } from "../../../src/analyse/capacity/cluster-model.ts";
import { whatIf } from "../../../src/analyse/capacity/what-if.ts";
import { InputError } from "../../../src/lib/errors.ts";
import type { CapacityLine, CapacityOutlook, SeriesOutlook } from "../../../src/model/capacity.ts";
import { ScenarioChange } from "../../../src/model/scenario.ts";
import type { WhatIfAnswer } from "../../../src/model/what-if.ts";
import { aModel, amount, gib, guest, node } from "./a-model.ts";

const nowMs = Date.UTC(2026, 0, 10, 12);
const three = ["pve1", "pve2", "pve3"].map((name) => node(name));
// 3 × (64 − 4) less 60 of reserve: 120 GiB usable; 30 GiB in use.
const model = aModel({
  nodes: three,
  guests: ["pve1", "pve2", "pve3"].map((name, number) => guest(100 + number, name, amount(1, 10))),
});

/** Grows by so many GiB a day; the upper end is 10 GiB above. */
function growing(start: number, perDay: number, days = 365): SeriesOutlook {
  const mean = Array.from({ length: days }, (_, day) => (start + perDay * day) * gib);
  return {
    none: null,
    mean,
    upper: mean.map((value) => value + 10 * gib),
    recent: { p95: start * gib, mean: start * gib },
  };
}

const memoryOutlook = (series: SeriesOutlook): CapacityOutlook => ({ fromMs: nowMs, series: { memory: series } });

function ask(
  changes: readonly object[],
  more: { model?: ClusterModel; committed?: readonly object[]; outlook?: CapacityOutlook } = {},
): WhatIfAnswer {
  const read = (list: readonly object[]) => list.map((change) => ScenarioChange.parse(change));
  return whatIf({
    model: more.model ?? model,
    storages: [],
    outlook: more.outlook ?? null,
    nowMs,
    committed: read(more.committed ?? []),
    asked: read(changes),
    computedAt: nowMs,
  });
}

function memory(answer: WhatIfAnswer, when: "before" | "after"): CapacityLine {
  const line = answer.cluster[when].lines.find(({ resource }) => resource === "memory");
  if (line === undefined) throw new TypeError("the answer has no line of memory");
  return line;
}

test("usable is total less the largest node and what the hosts need; remaining is what is not needed", () => {
  const answer = ask([{ change: "grow_demand", percent: 50 }]);

  expect(memory(answer, "before")).toMatchObject({
    total: 192 * gib,
    reserve: 60 * gib,
    overhead: 12 * gib,
    usable: 120 * gib,
    peak: 30 * gib,
    remaining: 90 * gib,
  });
  expect(memory(answer, "after")).toMatchObject({ peak: 45 * gib, remaining: 75 * gib });
});

test("added guests take room, and find a node each", () => {
  const answer = ask([{ change: "add_guests", count: 4, cpu_cores: 1, memory_bytes: 20 * gib }]);

  expect(memory(answer, "after").remaining).toBe(10 * gib);
  expect(answer.cluster.before.guestsRemaining).toMatchObject({ count: 9, limitedBy: "memory" });
  expect(answer.cluster.after.guestsRemaining).toMatchObject({ count: 1 });
  expect(answer.noPlace).toEqual([]);
});

test("a guest that no single node has room for finds no place, although all of them together have", () => {
  const answer = ask([{ change: "add_guests", count: 1, cpu_cores: 1, memory_bytes: 55 * gib }]);

  expect(answer.noPlace).toEqual([{ name: "new guest 1", why: "no node has room for it" }]);
  expect(answer.sentence).toContain("new guest 1 finds no place: no node has room for it");
});

test("the loss of a node tells its four lists, and afterwards no other may fail", () => {
  const answer = ask([{ change: "lose_node", node: "pve1" }]);

  expect(answer.losses).toMatchObject([{ node: "pve1", restarts: [{ vmid: 100 }] }]);
  // The reserve is used up: 2 × 60, and all three guests run on.
  expect(memory(answer, "after")).toMatchObject({ reserve: 0, usable: 120 * gib, peak: 30 * gib });
  const second = answer.failures.find((change) => change.node === "pve2");
  expect(second).toMatchObject({ before: { verdict: "yes" }, after: { verdict: "no" } });
  expect(answer.failures.find((change) => change.node === "pve1")?.after).toBeNull();
});

test("a retired node's guests move, those with local disks where a storage of that name is", () => {
  const local = (name: string) => ({ disks: { shared: [], local: [name], copies: {} } });
  const crowded = {
    ...model,
    storages: { "local-zfs": ["pve1", "pve2"], fast: ["pve1"] },
    guests: [
      guest(100, "pve1", amount(1, 10), local("local-zfs")),
      guest(101, "pve1", amount(1, 10), local("fast")),
      guest(102, "pve1", amount(1, 10), { tie: "passes a device of its node through (hostpci0)" }),
    ],
  };

  const answer = ask([{ change: "remove_node", node: "pve1" }], { model: crowded });

  expect(answer.noPlace).toEqual([
    { name: "vm101", why: "other nodes have no storage fast" },
    { name: "vm102", why: "passes a device of its node through (hostpci0)" },
  ]);
  expect(memory(answer, "after")).toMatchObject({ total: 128 * gib, usable: 60 * gib });
});

test("a node like another adds what that one gives guests", () => {
  const answer = ask([{ change: "add_nodes", count: 2, like: "pve1" }]);

  expect(memory(answer, "after")).toMatchObject({ total: 320 * gib, usable: 240 * gib });
  expect(answer.failures.map(({ node: name }) => name)).toEqual(["pve1", "pve2", "pve3", "new-1", "new-2"]);
});

test("time runs to the day on which the upper end, and then the mean, passes what is usable", () => {
  const answer = ask([{ change: "grow_demand", percent: 100 }], { outlook: memoryOutlook(growing(30, 1)) });

  // Upper: 30 + 10 + t > 120; mean: 30 + t > 120; doubled: 2 × (40 + t) > 120 and 2 × (30 + t) > 120.
  expect(memory(answer, "before").time).toEqual({
    state: "forecast",
    conservativeDays: 81,
    meanDays: 91,
    horizonDays: 365,
  });
  expect(memory(answer, "after").time).toMatchObject({ conservativeDays: 21, meanDays: 31 });
  expect(answer.sentence).toContain("memory lasts 21–31 days instead of 81–91 days");
});

test("changes count from their day on: nodes that come in time add to the days", () => {
  const outlook = memoryOutlook(growing(30, 1));
  const inTime = ask([{ change: "add_nodes", count: 1, like: "pve1", at: "2026-03-01" }], { outlook });
  const tooLate = ask([{ change: "add_nodes", count: 1, like: "pve1", at: "2026-06-01" }], { outlook });
  const retired = ask([{ change: "remove_node", node: "pve3", at: "2026-02-09" }], { outlook });

  expect(memory(inTime, "after").time).toMatchObject({ conservativeDays: 141, meanDays: 151 });
  expect(memory(tooLate, "after").time).toMatchObject({ conservativeDays: 81, meanDays: 91 });
  // On day 30 only 60 GiB are left, and 60 + 10 are needed at most.
  expect(memory(retired, "after").time).toMatchObject({ conservativeDays: 30, meanDays: 31 });
});

test("without a forecast the reason stands where the days would", () => {
  const none = { code: "too_short", reason: "needs 14 days, has 3 days" };
  const answer = ask([{ change: "grow_demand", percent: 1 }], {
    outlook: memoryOutlook({ none, mean: [], upper: [], recent: { p95: 40 * gib, mean: 35 * gib } }),
  });

  expect(memory(answer, "before")).toMatchObject({ peak: 40 * gib, peakFrom: "p95", time: { state: "none", ...none } });
});

test("committed guests are held from now on, whenever they come, and count before and after", () => {
  const committed = [{ change: "add_guests", count: 2, cpu_cores: 1, memory_bytes: 20 * gib, at: "2027-01-01" }];

  const answer = ask([{ change: "add_guests", count: 1, cpu_cores: 1, memory_bytes: 10 * gib }], { committed });

  expect(memory(answer, "before")).toMatchObject({ reserved: 40 * gib, remaining: 50 * gib });
  expect(memory(answer, "after")).toMatchObject({ reserved: 40 * gib, peak: 40 * gib, remaining: 40 * gib });
});

test("removed guests give back what they need", () => {
  const answer = ask([{ change: "remove_guests", guests: ["lab/guest/100~1"] }]);

  expect(memory(answer, "after").remaining).toBe(100 * gib);
});

test("what the cluster does not have is refused by name", () => {
  expect(() => ask([{ change: "remove_node", node: "pve9" }])).toThrow(new InputError("The cluster has no node pve9."));
  expect(() => ask([{ change: "remove_guests", guests: ["lab/guest/9~1"] }])).toThrow(InputError);
  expect(() => ask([{ change: "add_guests", count: 1 }])).toThrow(InputError);
  expect(() => ask([{ change: "add_nodes", count: 1, cpu_cores: 8 }])).toThrow(InputError);
});
