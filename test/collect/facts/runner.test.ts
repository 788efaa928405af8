import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FactBook } from "../../../src/live/fact-book.ts";
import { judgeFacts } from "../../../src/live/fact-rules.ts";
import type { FactKind } from "../../../src/model/facts-catalogue.ts";
import type { EmittedRequest } from "../../../src/pve/index.ts";
import { startSimulator } from "../../../src/simulator/index.ts";
import { checkRequest } from "../../pve/schema-oracle.ts";
import { readSimulated, spreadMs } from "./read-simulated.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;
type Read = Awaited<ReturnType<typeof readSimulated>>;

const countOf = (read: Read, kind: FactKind): number => read.book.list(kind).length;

describe("slow facts of a simulated cluster", () => {
  let read: Read;
  beforeAll(async () => {
    const on = await startSimulator({ nodes: 5, guests: 16, speed: 0, unauthorizedDelayMs: 0 });
    // PVE lists backups only for who may make them.
    on.state.access.defineRole("Backups", ["VM.Backup", "Datastore.AllocateSpace"]);
    const roles = [{ role: "PVEAuditor" }, { role: "Backups" }];
    const { tokenId, tokenSecret } = on.state.access.createToken({ token: "backups", roles });
    read = await readSimulated({ on, token: { id: tokenId, secret: tokenSecret } });
    await read.pass(spreadMs);
  }, 60_000);
  afterAll(() => read.stop());

  it("are what the simulator says of its nodes, disks and guests", () => {
    const { state } = read.simulator;
    const disks = [...state.nodes.keys()].flatMap((node) => state.disksOf(node));
    const told = new Map(read.book.list("disk").map(({ key, fields }) => [key, fields]));

    expect(countOf(read, "hardware")).toBe(5);
    expect(countOf(read, "certificate")).toBe(10);
    expect([...told.keys()].sort()).toEqual(disks.map(({ serial }) => serial).sort());
    for (const { serial, sizeBytes, devpath, model } of disks)
      expect(told.get(serial)).toMatchObject({ device: devpath, size_bytes: sizeBytes, model, smart: "PASSED" });
    const configs = read.book.list("guest_config");
    expect(configs).toHaveLength(read.fleet.list("guest").length);
    for (const { subject, fields } of configs) {
      const guest = state.guest(Number(/\/(\d+)~/.exec(subject)?.[1]));
      expect(fields).toMatchObject({ cores: guest.cores, memory_bytes: guest.memoryBytes });
    }
  });

  it("cover Ceph, ZFS, backups, their jobs and results, replication and backings", () => {
    expect(read.book.list("ceph")[0]?.fields).toMatchObject({ health: "HEALTH_OK", osds: 10, osds_up: 10 });
    expect(countOf(read, "ceph_osd")).toBe(10);
    for (const kind of ["zfs_pool", "ceph_pool", "backup_job", "backup", "backup_result", "storage_backing"] as const)
      expect(countOf(read, kind), kind).toBeGreaterThan(0);
    const held = read.book.list("backup").map(({ fields }) => fields);
    for (const { backups, newest_at: newest, oldest_at: oldest } of held) {
      expect(Number(backups)).toBeGreaterThan(0);
      expect(Number(newest)).toBeGreaterThanOrEqual(Number(oldest));
    }
  });

  it("give their numbers to the store as series of disks, pools, guests and the cluster", () => {
    const ids = new Set(read.factRows().map(({ id }) => id.split("/")[1]));

    expect([...ids].sort()).toEqual(["cluster", "disk", "guest", "node", "pool"]);
    const ages = read.factRows().filter(({ values }) => values["backup_age_seconds"] != null);
    expect(ages.length).toBeGreaterThan(0);
    expect(Math.min(...ages.map(({ values }) => values["backup_age_seconds"] ?? 0))).toBeLessThan(2 * 86_400);
  });

  it("leave out what the token may not see, and say so", () => {
    expect(read.readings.filter(({ reader }) => reader === "cluster_log")).toEqual([]);
    expect(read.jobs.at(-1)).toContain("cluster_log (needs Sys.Syslog on /)");
  });

  it("are asked for with requests that the release's schema allows", () => {
    expect(read.requests.flatMap((request: EmittedRequest) => checkRequest("9.2", request))).toEqual([]);
    expect(read.requests.some(({ path }) => path.endsWith("/disks/smart"))).toBe(true);
  });

  it("are not asked again before their time, and then each once", async () => {
    const before = read.readings.length;

    await read.pass(minuteMs);
    const soon = read.readings.slice(before).map(({ reader }) => reader);
    expect(soon.filter((reader) => ["disks", "packages", "hardware", "guest_configs"].includes(reader))).toEqual([]);

    await read.pass(1.1 * hourMs);
    const later = read.readings.slice(before).filter(({ reader }) => reader === "hardware");
    expect(later.map(({ about }) => about).sort()).toEqual(
      ["pve1", "pve2", "pve3", "pve4", "pve5"].map((n) => `sim/node/${n}`),
    );
  }, 30_000);

  it("fill the pressure of every minute since the start, each minute once", async () => {
    await read.pass(1.1 * hourMs);
    const rows = read.factRows().filter(({ id, stepS }) => id === "sim/node/pve1" && stepS === 60);
    const times = rows.map(({ ts }) => ts);

    expect(rows.length).toBeGreaterThan(100);
    expect(new Set(times).size).toBe(times.length);
    for (const [index, ts] of times.sort((a, b) => a - b).entries())
      if (index > 0) expect(ts - (times[index - 1] ?? 0)).toBe(60_000);
    expect(rows[0]?.values["psi_cpu_some_percent"]).toBeGreaterThanOrEqual(0);
  }, 30_000);
});

describe("what slow facts tell is wrong", () => {
  it("names the disk that fails, once, and keeps it over a restart without asking", async () => {
    const read = await readSimulated({ simulator: { nodes: 3, guests: 8 } });
    await read.pass(spreadMs);
    const failing = (): readonly string[] =>
      read.openProblems().filter((problem) => problem.startsWith("smart_failing"));
    for (let week = 0; week < 6 && failing().length === 0; week++) await read.pass(7 * 86_400_000);
    await read.keeper.close();

    expect(failing()).toHaveLength(1);
    const { facts, reads } = await read.state.facts.load("sim");
    const book = new FactBook();
    book.restoreReads(reads);
    book.restore(facts);
    const again = judgeFacts(book, read.simulator.now(), (id) => id).filter(({ code }) => code === "smart_failing");
    expect(again.map(({ subject }) => `smart_failing ${subject}`)).toEqual(failing());
    await read.stop();
  }, 120_000);
});

describe("a change of a guest", () => {
  it("is seen with the next poll, becomes an event, and is no news the first time", async () => {
    const read = await readSimulated({ simulator: { nodes: 2, guests: 6 } });
    await read.pass(spreadMs);
    const first = read.fleet.list("guest").find(({ entity }) => entity.kind === "guest" && !entity.template)?.entity;
    if (first?.kind !== "guest") throw new Error("the simulator has a guest");
    const changesOf = async () => read.state.facts.changes({ subject: first.id, limit: 10 });
    expect(await changesOf()).toEqual([]);

    read.simulator.state.changeGuest(first.vmid, { tags: ["changed"] });
    await read.poll();
    read.tell();
    // Shorter than any pace.
    await read.pass(20_000);

    expect(await changesOf()).toMatchObject([{ kind: "guest_config", change: "changed" }]);
    const events = await read.state.events.query({
      fromMs: 0,
      toMs: Number.MAX_SAFE_INTEGER,
      subject: first.id,
      topics: ["config"],
      limit: 10,
    });
    expect(events).toMatchObject([{ type: "guest_config", node: first.node }]);
    await read.stop();
  }, 60_000);
});

describe("politeness", () => {
  it("asks one thing at a time of each node, and never faster than configured", async () => {
    const read = await readSimulated({ simulator: { nodes: 3, guests: 10 }, requestsPerSecond: 40 });
    const begun = performance.now();
    const before = read.pve.stats().requests;
    read.simulator.advance(spreadMs);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const seconds = (performance.now() - begun) / 1000;

    // The poller looks at the members of the cluster beside them.
    const pollerRequests = 10;
    expect(read.pve.stats().requests - before).toBeLessThanOrEqual(40 * seconds + pollerRequests);
    expect(read.pve.stats().requests - before).toBeGreaterThan(10);
    await read.stop();
  }, 30_000);

  it("goes on after a restart where it was: nothing that was read lately is read again", async () => {
    const first = await readSimulated({ simulator: { nodes: 2, guests: 6 } });
    await first.pass(spreadMs);
    await first.keeper.close();
    const { reads } = await first.state.facts.load("sim");
    const known = ["cluster", "node", "guest", "storage"] as const;
    const entities = known.flatMap((kind) => first.fleet.list(kind).map(({ entity }) => entity));
    await first.stop(false);

    const second = await readSimulated({
      on: first.simulator,
      reads: reads.filter(({ failures }) => failures === 0),
      known: entities,
    });
    await second.pass(spreadMs);
    const slow = second.readings.filter(({ reader, error }) => error === null && !["ha", "ceph"].includes(reader));

    expect(
      slow.filter(({ reader }) => ["disks", "hardware", "certificates", "guest_configs", "backups"].includes(reader)),
    ).toEqual([]);
    await second.stop();
  }, 60_000);

  it("leaves out backups of storages without the right to make them, which a reading role has not", async () => {
    const read = await readSimulated({ simulator: { nodes: 2, guests: 6 } });
    await read.pass(spreadMs);

    expect(read.readings.filter(({ reader }) => reader === "backups")).toEqual([]);
    expect(read.jobs.at(-1)).toContain("backups (needs Datastore.AllocateSpace on /storage, VM.Backup on /vms)");
    expect(read.book.list("backup_result").length).toBeGreaterThan(0);
    await read.stop();
  }, 60_000);

  it("blames nobody when a node does not answer, and asks again when it does", async () => {
    const read = await readSimulated({ simulator: { nodes: 3, guests: 6 } });
    const id = await read.simulator.state.faults.set({ kind: "dead-node", node: "pve3", mode: "refuse" });
    await read.pass(spreadMs);
    const about = (reader: string): readonly string[] =>
      read.readings.filter((one) => one.reader === reader && one.error === null).map((one) => one.about);
    expect(about("hardware")).not.toContain("sim/node/pve3");
    expect(
      read.readings.filter((one) => one.about === "sim/node/pve3" && /answer|reach/i.test(one.error ?? "")),
    ).toEqual([]);

    await read.simulator.state.faults.clear(id);
    for (let round = 0; round < 3; round++) await read.poll();
    read.tell();
    await read.pass(2 * minuteMs);
    expect(about("hardware")).toContain("sim/node/pve3");
    await read.stop();
  }, 60_000);
});
