import { beforeAll, describe, expect, it } from "vitest";
import type { NewEvent } from "../../src/model/event.ts";
import { aFact, type Fact } from "../../src/model/facts.ts";
import { aServer, problemIn, start, type TestServer } from "./serve-fixture.ts";

const disk = (node: string, device: string, smart: string): Fact =>
  aFact("disk", `lab/node/${node}`, device, {
    device,
    model: "M",
    serial: null,
    type: "ssd",
    size_bytes: 1000,
    usage: null,
    smart,
    wear_percent: 12,
    temperature_celsius: null,
    power_on_seconds: null,
    reallocated_sectors: null,
    pending_sectors: null,
    media_errors: null,
    reported_uncorrectable: null,
    command_timeouts: null,
    offline_uncorrectable: null,
    spare_percent: null,
    spare_threshold_percent: null,
    critical_warning: null,
    failing_attributes: null,
  });

const replication = (guest: string, error: string | null): Fact =>
  aFact("replication", guest, "100-0", {
    job: "100-0",
    source: "pve1",
    target: "pve2",
    schedule: "*/15",
    enabled: true,
    last_sync_at: start - 60_000,
    next_sync_at: null,
    duration_seconds: 2,
    failures: 0,
    error,
  });

const event = (number: number, change: Partial<NewEvent> = {}): NewEvent => ({
  eventKey: `e${number}`,
  at: start - number * 60_000,
  endedAt: null,
  topic: "task",
  type: "qmstart",
  cluster: "lab",
  subject: "lab/guest/100~1",
  node: "pve1",
  user: "root@pam",
  state: "ok",
  text: "100",
  ...change,
});

describe("slow facts over HTTP", () => {
  let server: TestServer;
  let viewer: { readonly authorization: string };
  beforeAll(async () => {
    server = await aServer();
    viewer = await server.token("viewer");
    const told = { cluster: "lab", error: null, failures: 0 };
    const facts = [disk("pve1", "/dev/sda", "PASSED"), disk("pve1", "/dev/sdb", "FAILED!")];
    server.book.apply({ ...told, reader: "disks", about: "lab/node/pve1", at: start, kinds: ["disk"], facts });
    const moved = [replication("lab/guest/100~1", null), replication("lab/guest/102~1", "no route")];
    server.book.apply({
      ...told,
      reader: "replication",
      about: "lab/node/pve1",
      at: start,
      kinds: ["replication"],
      facts: moved,
    });
    const change = { kind: "disk", subject: "lab/node/pve1", key: "/dev/sdb", at: start, by: null } as const;
    await server.state.facts.save({
      upserts: [],
      removed: [],
      reads: [],
      changes: [{ ...change, change: "changed", before: { smart: "PASSED" }, after: { smart: "FAILED!" } }],
    });
    await server.state.events.add([
      event(1),
      event(2, { subject: "lab/node/pve1", type: "aptupdate", text: "" }),
      event(3, {
        subject: "lab/guest/101~1",
        node: "pve2",
        topic: "config",
        type: "guest_config",
        text: "Memory 1 → 2",
      }),
      event(4, { cluster: "other", subject: "other/guest/100~1" }),
    ]);
  });

  const get = async (url: string, headers: Record<string, string> = viewer) =>
    server.app.inject({ url: `/api/v1${url}`, headers });
  const items = async (url: string, headers: Record<string, string> = viewer) =>
    (await get(url, headers)).json<{ items: Record<string, unknown>[]; next: string | null }>().items;

  it("are lists like all others: filter, search, sort, CSV, times as ISO 8601", async () => {
    expect(await items("/disks?smart=FAILED!")).toMatchObject([
      {
        subject: "lab/node/pve1",
        subject_name: "pve1",
        cluster: "lab",
        device: "/dev/sdb",
        wear_percent: 12,
        serial: null,
      },
    ]);
    expect((await items("/disks?sort=-device&q=pve1")).map(({ device }) => device)).toEqual(["/dev/sdb", "/dev/sda"]);
    expect((await items("/replications?subject=lab/guest/100~1"))[0]?.["last_sync_at"]).toBe(
      new Date(start - 60_000).toISOString(),
    );
    const csv = await get("/disks", { ...viewer, accept: "text/csv" });
    expect(csv.body.split("\r\n")[0]).toMatch(/^subject,subject_name,cluster,key,device,model,/);
    expect(csv.body.split("\r\n")).toHaveLength(4);
  });

  it("of one entity come together, by kind", async () => {
    const answer = await get("/entities/lab%2Fnode%2Fpve1/facts");

    expect(answer.json()).toMatchObject({
      facts: [{ kind: "disk", items: [{ device: "/dev/sda" }, { device: "/dev/sdb" }] }],
    });
    expect(problemIn(await get("/entities/lab%2Fnode%2Fnope/facts")).status).toBe(404);
  });

  it("have a history with only what differs", async () => {
    expect(await items("/fact-changes?subject=lab/node/pve1")).toEqual([
      {
        at: new Date(start).toISOString(),
        kind: "disk",
        subject: "lab/node/pve1",
        key: "/dev/sdb",
        change: "changed",
        before: { smart: "PASSED" },
        after: { smart: "FAILED!" },
        by: null,
      },
    ]);
  });

  it("show only what the scope shows: a pool's guests, and nothing of nodes", async () => {
    const scoped = await server.token("viewer", { pools: ["test"] });

    expect((await items("/replications", scoped)).map(({ subject }) => subject)).toEqual(["lab/guest/102~1"]);
    expect(await items("/disks", scoped)).toEqual([]);
    expect(await items("/fact-changes", scoped)).toEqual([]);
    expect(await items("/events", scoped)).toEqual([]);
    expect((await get("/entities/lab%2Fnode%2Fpve1/facts", scoped)).statusCode).toBe(404);
    expect((await get("/events?subject=lab/guest/100~1", scoped)).statusCode).toBe(404);
    expect((await get("/fact-changes?subject=lab/node/pve1", scoped)).statusCode).toBe(404);
  });

  it("need somebody who may read", async () => {
    for (const path of ["/disks", "/events", "/fact-changes", "/entities/lab%2Fnode%2Fpve1/facts"])
      expect((await get(path, {})).statusCode, path).toBe(401);
  });
});

describe("events over HTTP", () => {
  let server: TestServer;
  let viewer: { readonly authorization: string };
  beforeAll(async () => {
    server = await aServer();
    viewer = await server.token("viewer");
    await server.state.events.add([
      event(1),
      event(2, { subject: "lab/node/pve1", type: "aptupdate", text: "" }),
      event(3, { subject: "lab/guest/101~1", node: "pve2", topic: "config", text: "Memory 1 → 2" }),
      event(4, { cluster: "other", subject: "other/guest/100~1" }),
      event(5, { at: start - 60_000 }),
    ]);
  });

  const ask = async (query: string) =>
    (await server.app.inject({ url: `/api/v1/events?${query}`, headers: viewer })).json<{
      items: { at: string; subject: string; topic: string; seq: number }[];
      next: string | null;
    }>();
  const subjects = async (query: string) => (await ask(query)).items.map(({ subject }) => subject.slice(4));

  it("are about a guest, of a node also what happened on it, of a cluster all, newest first", async () => {
    expect(await subjects("subject=lab/guest/101~1")).toEqual(["guest/101~1"]);
    expect(await subjects("subject=lab/node/pve1")).toEqual(["guest/100~1", "guest/100~1", "node/pve1"]);
    expect(await subjects("subject=lab/cluster")).toEqual(["guest/100~1", "guest/100~1", "node/pve1", "guest/101~1"]);
    expect((await ask("")).items).toHaveLength(5);
  });

  it("are chosen by time and topic", async () => {
    expect(await subjects("topic=config")).toEqual(["guest/101~1"]);
    expect(await subjects(`subject=lab/cluster&from=${start - 150_000}&to=${start - 90_000}`)).toEqual(["node/pve1"]);
  });

  it("go on page by page, also between events of one moment", async () => {
    const seen: number[] = [];
    let cursor = "";
    for (let page = 0; page < 9; page++) {
      const { items, next } = await ask(`limit=1${cursor}`);
      seen.push(...items.map(({ seq }) => seq));
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }

    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
    expect(problemIn(await server.app.inject({ url: "/api/v1/events?cursor=x", headers: viewer })).status).toBe(400);
  });
});
