import { describe, expect, it } from "vitest";
import type { NewEvent } from "../../../src/model/event.ts";
import { openState } from "../../../src/store/state/index.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";

const now = Date.UTC(2026, 0, 5);
const clock = { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() };
const open = async (path: string) => openState({ path, clock });

const fact = (key: string, value: string) => ({
  cluster: "c",
  kind: "certificate" as const,
  subject: "c/node/pve1",
  key,
  reader: "certificates",
  about: "c/node/pve1",
  readAt: now,
  changedAt: now,
  fields: { file: value },
});

const event = (number: number, change: Partial<NewEvent> = {}): NewEvent => ({
  eventKey: `e${number}`,
  at: now - number,
  endedAt: null,
  topic: "task",
  type: "qmstart",
  cluster: "c",
  subject: "c/guest/100~1",
  node: "pve1",
  user: null,
  state: "running",
  text: "",
  ...change,
});

describe("facts in the state database", () => {
  it("are there after a restart with the time of their last reading, replaced and removed ones as they are", async () => {
    const path = `${temporaryDirectory()}/state.db`;
    const first = await open(path);
    const reads = [{ cluster: "c", reader: "certificates", about: "c/node/pve1", at: now, failures: 0 }];
    await first.facts.save({ upserts: [fact("a", "1"), fact("b", "1")], removed: [], changes: [], reads });
    const later = [{ cluster: "c", reader: "certificates", about: "c/node/pve1", at: now + 5, failures: 2 }];
    await first.facts.save({ upserts: [fact("a", "2")], removed: [fact("b", "1")], changes: [], reads: later });
    await first.close();

    const again = await open(path);
    const { facts, reads: held } = await again.facts.load("c");
    expect(facts).toEqual([{ ...fact("a", "2"), readAt: now + 5 }]);
    expect(held).toMatchObject([{ reader: "certificates", at: now + 5, failures: 2 }]);
    expect((await again.facts.load("other")).facts).toEqual([]);
    await again.close();
  });

  it("take more rows at once than a statement has room for", async () => {
    const state = await open(`${temporaryDirectory()}/state.db`);
    const many = Array.from({ length: 1_234 }, (_, number) => fact(String(number), "x"));
    await state.facts.save({ upserts: many, removed: [], changes: [], reads: [] });

    expect((await state.facts.load("c")).facts).toHaveLength(1_234);
    await state.facts.save({ upserts: [], removed: many.slice(0, 1_000), changes: [], reads: [] });
    expect((await state.facts.load("c")).facts).toHaveLength(234);
    await state.close();
  });

  it("have a history that ends after two years", async () => {
    const state = await open(`${temporaryDirectory()}/state.db`);
    const change = {
      kind: "certificate",
      subject: "c/node/pve1",
      key: "a",
      change: "added",
      before: null,
      after: {},
      by: null,
    } as const;
    const old = { ...change, at: now - 3 * 365 * 86_400_000 };
    await state.facts.save({ upserts: [], removed: [], changes: [old, { ...change, at: now }], reads: [] });

    expect((await state.facts.changes({ limit: 10 })).map(({ at }) => at)).toEqual([now]);
    expect(await state.facts.changes({ limit: 10, kind: "disk" })).toEqual([]);
    await state.close();
  });
});

describe("events in the state database", () => {
  it("are kept once however often they are told, with their latest state", async () => {
    const state = await open(`${temporaryDirectory()}/state.db`);
    await state.events.add([event(1), event(1), event(2)]);
    await state.events.add([event(1, { state: "ok", endedAt: now })]);

    const found = await state.events.query({ fromMs: 0, toMs: now, limit: 10 });
    expect(found.map(({ eventKey, state: how }) => [eventKey, how])).toEqual([
      ["e1", "ok"],
      ["e2", "running"],
    ]);
    await state.close();
  });

  it("end after 400 days", async () => {
    const state = await open(`${temporaryDirectory()}/state.db`);
    await state.events.add([event(1), event(2, { at: now - 401 * 86_400_000 })]);

    expect(await state.events.query({ fromMs: 0, toMs: now, limit: 10 })).toHaveLength(1);
    await state.close();
  });
});
