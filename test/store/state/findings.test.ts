import { describe, expect, it } from "vitest";
import type { Finding } from "../../../src/model/finding.ts";
import { packDocument } from "../../../src/store/state/index.ts";
import { aFinding } from "../../build.ts";
import { aState } from "./state-fixture.ts";

const finding = (key: string, more: Partial<Finding> = {}): Finding =>
  aFinding({
    kind: "storage-full",
    subject: "lab/storage/@nfs",
    key,
    message: `nfs is full in 41 days (${key})`,
    ...more,
  });
const minute = 60_000;

describe("findings", () => {
  it("keep their id and begin for as long as a job comes to them, and are resolved when it does not", async () => {
    const { findings, clock } = await aState();
    const begin = clock.now();
    await findings.replace("risks", [finding("a"), finding("b")]);
    clock.advance(minute);
    await findings.replace("risks", [finding("a", { message: "nfs is full in 40 days (a)" })]);

    const open = await findings.open();
    expect(open).toMatchObject([
      { id: "storage-full:lab/storage/@nfs:a", firstSeenAt: begin, lastSeenAt: begin + minute, resolvedAt: null },
    ]);
    expect(open[0]?.message).toContain("40 days");
    expect(await findings.find("storage-full:lab/storage/@nfs:b")).toMatchObject({ resolvedAt: begin + minute });
  });

  it("tell their life: opened, another severity, resolved; numbers that move are no news", async () => {
    const { findings, clock } = await aState();
    for (const severity of ["warning", "warning", "critical"] as const) {
      await findings.replace("risks", [finding("a", { severity })]);
      clock.advance(minute);
    }
    await findings.replace("risks", []);

    const changes = await findings.changes("storage-full:lab/storage/@nfs:a", 10);
    expect(changes.map(({ change, severity }) => `${change} ${severity}`)).toEqual([
      "resolved critical",
      "changed critical",
      "opened warning",
    ]);
  });

  it("of one job are not resolved by another, and come back with a begin of their own", async () => {
    const { findings, clock } = await aState();
    await findings.replace("risks", [finding("a")]);
    await findings.replace("capacity", []);
    expect(await findings.open()).toHaveLength(1);

    await findings.replace("risks", []);
    clock.advance(minute);
    const [again] = await findings.replace("risks", [finding("a")]);

    expect(again?.firstSeenAt).toBe(clock.now());
  });

  it("are listed by kind, subject and time, past ones too, and forgotten with their cluster", async () => {
    const { findings, clock } = await aState();
    await findings.replace("risks", [finding("old")]);
    clock.advance(minute);
    await findings.replace("risks", [finding("new"), finding("", { kind: "disk-failing", subject: "lab/node/pve1" })]);
    const list = async (query: object) => (await findings.list({ limit: 10, ...query })).map(({ key }) => key).sort();

    expect(await list({ kinds: ["storage-full"] })).toEqual(["new", "old"]);
    expect(await list({ subject: "lab/node/pve1" })).toEqual([""]);
    expect(await list({ sinceMs: clock.now() })).toEqual(["", "new"]);

    await findings.forget("lab");
    expect(await findings.open()).toEqual([]);
  });
});

describe("documents", () => {
  it("are replaced by name, cluster and key, read in order of the key, and removed", async () => {
    const { documents } = await aState();
    const save = (cluster: string | null, key: string, body: unknown) =>
      documents.save([packDocument({ name: "cost-day", cluster, key, body })]);
    await save("lab", "2026-01-02", { total: 2 });
    await save("lab", "2026-01-01", { total: 1 });
    await save("lab", "2026-01-02", { total: 3 });
    await save(null, "2026-01-02", { total: 9 });

    const lab = await documents.list({ name: "cost-day", cluster: "lab" });
    expect(lab.map(({ key, body }) => [key, body])).toEqual([
      ["2026-01-01", { total: 1 }],
      ["2026-01-02", { total: 3 }],
    ]);
    expect(await documents.list({ name: "cost-day", fromKey: "2026-01-02" })).toHaveLength(2);
    expect(await documents.list({ name: "cost-day", cluster: null })).toMatchObject([
      { cluster: null, body: { total: 9 } },
    ]);
    expect(await documents.remove({ name: "cost-day", cluster: "lab", key: "2026-01-01" })).toBe(true);
    expect(await documents.remove({ name: "cost-day", cluster: "lab", key: "2026-01-01" })).toBe(false);
    expect((await documents.latest()).map(({ cluster }) => cluster)).toEqual([null, "lab"]);
  });
});
