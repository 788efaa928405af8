import { describe, expect, it } from "vitest";
import { problemsBySubject, stateOf } from "../../src/web/fleet/entity-state.ts";
import type { GuestItem, ProblemItem } from "../../src/web/fleet/item.ts";
import { cpuOf, diskOf, memoryOf, worstOf } from "../../src/web/fleet/measures.ts";
import { sortTasks, taskWords } from "../../src/web/fleet/task-words.ts";
import { entityPath, parseRoute } from "../../src/web/route.ts";
import { makeFleet } from "./fake/fleet.ts";
import { must } from "./must.ts";

const { items, tasks } = makeFleet({ nodes: 2, guests: 20 });
const template: GuestItem = must(
  items.find((item): item is GuestItem => item.kind === "guest" && item.status === "running"),
);
const guest = (more: Partial<GuestItem>): GuestItem => ({ ...template, lock: null, template: false, ...more });
const problem = (severity: ProblemItem["severity"]): ProblemItem => ({
  code: "x",
  subject: template.id,
  severity,
  since_at: "2026-11-22T00:00:00Z",
  cleared_at: null,
  message: "it is broken",
  remedy: "mend it",
});

describe("bars", () => {
  it("are absent where nothing is measured, never empty", () => {
    const values = { mem_total_bytes: 4, disk_total_bytes: 8 };

    expect([cpuOf(guest({ values })), memoryOf(guest({ values })), diskOf(guest({ values }))]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it("turn amber from 80 % and red from 90 %", () => {
    const level = (used: number): string | undefined =>
      memoryOf(guest({ values: { mem_total_bytes: 100, mem_used_bytes: used, mem_source: 1 } }))?.level;

    expect([79, 80, 90].map(level)).toEqual(["fine", "high", "full"]);
  });

  it("do not alarm about memory that is only seen from outside", () => {
    const outside = guest({ values: { mem_total_bytes: 100, mem_used_bytes: 99, mem_source: 2, cpu_ratio: 0.3 } });

    expect(memoryOf(outside)).toMatchObject({ level: "fine", rough: true });
    expect(worstOf(outside)?.label).toBe("CPU");
    expect(stateOf(outside, undefined).state).toBe("fine");
  });

  it("say nothing of a guest that is stopped", () => {
    expect(cpuOf(guest({ status: "stopped", values: { cpu_ratio: 0 } }))).toBeNull();
  });
});

describe("the mark of an entity", () => {
  it("follows an open problem, then PVE's status, then a bar in the red", () => {
    expect(stateOf(guest({ values: {} }), problem("critical"))).toEqual({ state: "failed", words: "it is broken" });
    expect(stateOf(guest({ values: {} }), problem("warning")).state).toBe("warning");
    expect(stateOf(guest({ status: "stopped", values: {} }), undefined).state).toBe("stopped");
    expect(stateOf(guest({ status: "io-error", values: {} }), undefined).state).toBe("failed");
    expect(stateOf(guest({ status: "never heard of", values: {} }), undefined).state).toBe("unknown");
    expect(
      stateOf(guest({ values: { mem_total_bytes: 10, mem_used_bytes: 10, mem_source: 3 } }), undefined).state,
    ).toBe("warning");
  });

  it("forgets problems that cleared and takes the worst of several", () => {
    expect(
      problemsBySubject([problem("warning"), problem("critical"), problem("info")]).get(template.id)?.severity,
    ).toBe("critical");
    expect(problemsBySubject([{ ...problem("critical"), cleared_at: "2026-11-22T01:00:00Z" }]).size).toBe(0);
  });
});

describe("tasks", () => {
  it("read as in PVE's task list", () => {
    expect(taskWords({ type: "qmstart", subject: "102" })).toBe("VM 102 - Start");
    expect(taskWords({ type: "vzdump", subject: "120" })).toBe("VM/CT 120 - Backup");
    expect(taskWords({ type: "vzdump", subject: "" })).toBe("Backup Job");
    expect(taskWords({ type: "aptupdate", subject: "" })).toBe("Update package database");
    expect(taskWords({ type: "unheardof", subject: "7" })).toBe("unheardof 7");
  });

  it("stand with running ones first, then by their end", () => {
    const sorted = sortTasks([...tasks].reverse());

    expect(sorted[0]?.state).toBe("running");
    const ends = sorted.slice(1).map((task) => task.ended_at);
    expect(ends).toEqual([...ends].sort().reverse());
  });
});

it("an entity's path leads back to its id", () => {
  for (const { id } of items) expect(parseRoute(entityPath(id))).toMatchObject({ page: "entity", id });
  expect(parseRoute("/guest/demo/102")).toMatchObject({ id: "demo/guest/102~1" });
  expect(parseRoute("/no/such/page").page).toBe("unknown");
});
