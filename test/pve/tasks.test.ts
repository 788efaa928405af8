// Task ids and how tasks are followed to their end.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTasks } from "../../src/pve/calls/task.ts";
import {
  followTask,
  outcomeOf,
  PveCancelledError,
  type PveGet,
  PvePermissionError,
  PveRefusedError,
  PveUnreachableError,
  parseUpid,
  printUpid,
  pvePath,
  taskState,
} from "../../src/pve/index.ts";
import { failureOf } from "./client.ts";
import { ManualClock } from "./manual-clock.ts";

const upid = "UPID:pve1:0000ABCD:00112233:65000000:qmstart:100:pilothouse@pve!pilothouse:";

describe("a task id", () => {
  it("is what was printed", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._@!\\-]{1,20}$/);
    const parts = fc.record({
      node: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.-]{0,20}$/),
      pid: fc.nat(0xffffffff),
      pstart: fc.nat(0xfffffffff),
      startTimeS: fc.nat(0xffffffff),
      type: word,
      id: fc.oneof(fc.constant(""), word),
      user: word,
    });
    fc.assert(
      fc.property(parts, (value) => {
        expect(parseUpid(printUpid(value))).toEqual(value);
      }),
    );
  });

  it("is told from what is none", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(parseUpid(value)).toBeUndefined();
      }),
    );
    expect(parseUpid(upid)).toMatchObject({
      node: "pve1",
      type: "qmstart",
      id: "100",
      user: "pilothouse@pve!pilothouse",
    });
    expect(parseUpid(upid.slice(0, -1))).toBeUndefined();
  });

  it("is one segment of a path", () => {
    expect(pvePath`/nodes/${"pve1"}/tasks/${upid}/status`).toBe(
      "/nodes/pve1/tasks/UPID%3Apve1%3A0000ABCD%3A00112233%3A65000000%3Aqmstart%3A100%3Apilothouse%40pve!pilothouse%3A/status",
    );
    expect(pvePath`/x/${".."}/${"a/b?c"}/${"\ud800"}`).toBe("/x/%2E%2E/a%2Fb%3Fc/%EF%BF%BD");
    expect(() => pvePath`/x/${""}`).toThrow("empty");
  });
});

describe("an exit status", () => {
  it.each([
    ["OK", { state: "ok" }],
    ["WARNINGS: 3", { state: "warning", warnings: 3 }],
    ["unexpected status", { state: "failed", text: "unexpected status" }],
    ["command 'zfs' failed: exit code 1", { state: "failed", text: "command 'zfs' failed: exit code 1" }],
    [undefined, { state: "unknown", text: "PVE gave no exit status" }],
  ])("%s means what it means", (status, outcome) => {
    expect(outcomeOf(status)).toEqual(outcome);
  });

  it("of a listed task tells running ones from ended ones", () => {
    const { rows, rejected } = readTasks([
      { upid },
      { upid, status: "RUNNING" },
      { upid, endtime: 1_700_000_000, status: "OK" },
      { upid, endtime: 1_700_000_000, status: "WARNINGS: 1" },
      { upid, endtime: "1700000000", status: "boom" },
      { upid: "nonsense" },
    ]);

    expect(rows.map(taskState)).toEqual(["running", "running", "ok", "warning", "failed"]);
    expect(rejected).toBe(1);
  });
});

type Step = object | Error;

/** A node that answers the state of a task step by step, and its log. */
function aTask(steps: readonly Step[], logLines: readonly string[] = []) {
  const clock = new ManualClock();
  const askedAt: number[] = [];
  const begin = clock.now();
  let step = 0;
  const get = async <T>({ path, query, read }: PveGet<T>) => {
    const isLog = path.endsWith("/log");
    const from = Number(query?.["start"] ?? 0);
    const lines = logLines.slice(from, step + 1).map((t, index) => ({ n: from + index + 1, t }));
    if (isLog) return answer(read(lines.length === 0 && from === 0 ? [{ n: 1, t: "no content" }] : lines));
    askedAt.push((clock.now() - begin) / 1000);
    const seen = steps[Math.min(step, steps.length - 1)];
    step++;
    if (seen instanceof Error) throw seen;
    return answer(read(seen));
  };
  return { clock, askedAt, pve: { clock, get } };
}

const answer = <T>(data: T) => ({
  data,
  endpoint: "https://pve1:8006",
  node: null,
  receivedBytes: 0,
  bodyBytes: 0,
  durationMs: 0,
  status: 200,
});
const running = { status: "running" };
const gone = new PveUnreachableError("595", { endpoint: "https://pve1:8006", stage: "forward" });

async function followed(task: ReturnType<typeof aTask>, options: Parameters<typeof followTask>[2] = {}) {
  const result = followTask(task.pve, upid, options);
  for (let second = 0; second < 400; second++) await task.clock.advance(1_000);
  return result;
}

describe("following a task", () => {
  it("asks after a second, then less and less often, down to every five", async () => {
    const task = aTask([...Array.from({ length: 8 }, () => running), { status: "stopped", exitstatus: "OK" }]);

    expect(await followed(task)).toEqual({ state: "ok" });
    const pauses = task.askedAt.slice(1).map((at, index) => at - (task.askedAt[index] ?? 0));
    expect(pauses[0]).toBe(1);
    expect(pauses.at(-1)).toBe(5);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  });

  it("goes on when the node cannot be reached for a while", async () => {
    const task = aTask([running, gone, gone, gone, { status: "stopped", exitstatus: "WARNINGS: 2" }]);

    expect(await followed(task)).toEqual({ state: "warning", warnings: 2 });
  });

  it("ends as unknown, not failed, when the node stays away or knows nothing of it", async () => {
    expect(await followed(aTask([running, gone]))).toEqual({ state: "unknown", text: "595" });
    const missing = new PveRefusedError("x", { endpoint: "", text: "no such task", pveStatus: 500 });
    expect(await followed(aTask([running, missing]))).toEqual({ state: "unknown", text: "no such task" });
  });

  it("throws what waiting does not heal", async () => {
    const forbidden = new PvePermissionError("no", { endpoint: "" });

    expect(await failureOf(followed(aTask([forbidden])))).toBe(forbidden);
  });

  it("hands on each line of the log once", async () => {
    const lines: string[] = [];
    const task = aTask([running, running, { status: "stopped", exitstatus: "OK" }], ["", "one", "two", "TASK OK"]);

    await followed(task, { onLog: (fresh) => lines.push(...fresh.map(({ text }) => text)) });

    expect(lines).toEqual(["", "one", "two", "TASK OK"]);
  });

  it("stops when it is told to", async () => {
    const task = aTask([running]);
    const stop = new AbortController();
    const result = failureOf(followTask(task.pve, upid, { signal: stop.signal }));
    await task.clock.advance(2_000);
    stop.abort();

    expect(await result).toBeInstanceOf(PveCancelledError);
  });
});
