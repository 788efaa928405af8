import { Agent, request } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import type { Row } from "../../src/model/batch.ts";
import { checkRequest, oracleAbsent, oracleAvailable, schemaReleases } from "../pve/schema-oracle.ts";
import { type PollerSetup, pollSimulated } from "./simulated-poller.ts";

type Polled = Awaited<ReturnType<typeof pollSimulated>>;
const open: Polled[] = [];

async function started(setup: PollerSetup = {}): Promise<Polled> {
  const polled = await pollSimulated(setup);
  open.push(polled);
  await polled.first();
  return polled;
}

afterEach(async () => {
  for (const polled of open.splice(0)) await polled.stop();
});

const ofKind = (rows: readonly Row[], kind: string): Row[] => rows.filter((row) => row.id.startsWith(`sim/${kind}/`));
const times = (rows: readonly Row[], id: string): number[] => rows.filter((row) => row.id === id).map((row) => row.ts);

interface Point {
  id: string;
  metric: string;
  timestamp: number;
  value: number;
}

/** What a node says itself, asked without any code of ours. */
async function exportOf({ simulator }: Polled, node: string): Promise<Point[]> {
  const dispatcher = new Agent({ connect: { ca: simulator.caPem, checkServerIdentity: () => undefined } });
  const { body } = await request(
    `${simulator.nodeUrls[node]}/api2/json/cluster/metrics/export?history=1&local-only=1`,
    {
      dispatcher,
      headers: { authorization: `PVEAPIToken=${simulator.tokenId}=${simulator.tokenSecret}` },
    },
  );
  const answer = (await body.json()) as { data: { data: Point[] } };
  await dispatcher.close();
  return answer.data.data;
}

describe("polling a cluster", () => {
  it("holds, from the first poll on, every value that every node remembers, as it was served", async () => {
    const polled = await started();
    for (let round = 0; round < 3; round++) await polled.poll();
    const names: Record<string, string> = {
      cpu_current: "cpu_ratio",
      mem_used: "mem_used_bytes",
      net_in: "net_in_bytes_total",
      disk_write: "disk_write_bytes_total",
      uptime: "uptime_seconds",
    };
    const held = new Map(polled.rows().map((row) => [`${row.id} ${row.ts}`, row.values]));

    let compared = 0;
    for (const node of Object.keys(polled.simulator.nodeUrls)) {
      for (const point of await exportOf(polled, node)) {
        const metric = names[point.metric];
        const [type = "", key = ""] = point.id.split("/");
        if (metric === undefined || type === "storage") continue;
        const id = type === "node" ? `sim/node/${key}` : `sim/guest/${key}~1`;
        expect(
          held.get(`${id} ${point.timestamp * 1000}`)?.[metric],
          `${point.id} ${point.metric} ${point.timestamp}`,
        ).toBe(point.value);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(5_000);
  });

  it("asks only what PVE's own schemas of 8.4, 9.1 and 9.2 allow", async () => {
    if (!oracleAvailable) console.log(oracleAbsent);
    const complaints: string[] = [];
    for (const release of schemaReleases) {
      const polled = await started({ simulator: { release }, importHistory: true });
      await polled.poll();
      complaints.push(...polled.requests.flatMap((emitted) => checkRequest(release, emitted)));
      expect(polled.requests.length).toBeGreaterThan(10);
    }

    expect(complaints).toEqual([]);
  });

  it("stores one sample per thing and moment, and one series for a shared storage", async () => {
    const polled = await started();
    for (let round = 0; round < 4; round++) await polled.poll();

    const keys = polled.rows().map((row) => `${row.id} ${row.ts}`);

    expect(new Set(keys).size).toBe(keys.length);
    expect(times(polled.rows(), "sim/storage/@ceph-1").length).toBeGreaterThan(180);
    expect(polled.rows().filter((row) => row.id.includes(":ceph-1"))).toEqual([]);
  });

  it("has no gap after nobody asked for 27 minutes", async () => {
    const polled = await started();

    await polled.poll(27 * 60_000);

    const seconds = times(polled.rows(), "sim/node/pve1").map((ts) => ts / 1000);
    expect(seconds.length).toBeGreaterThan(181 + 160);
    expect(new Set(seconds.slice(1).map((s, index) => s - (seconds[index] ?? 0)))).toEqual(new Set([10]));
  });

  it("shows a change in the cluster with the next poll", async () => {
    const polled = await started();
    const vmid =
      [...polled.simulator.state.guests.values()].find(
        (guest) =>
          polled.fleet.get(`sim/guest/${guest.vmid}~1`)?.entity.kind === "guest" &&
          polled.fleet.get(`sim/guest/${guest.vmid}~1`)?.values["running"] === 1,
      )?.vmid ?? 0;

    polled.simulator.state.stopGuest(vmid);
    await polled.poll(20_000);

    expect(polled.fleet.get(`sim/guest/${vmid}~1`)).toMatchObject({ entity: { status: "stopped" } });
    expect(polled.fleet.get(`sim/guest/${vmid}~1`)?.values["running"]).toBe(0);
    expect(polled.fleet.get(`sim/guest/${vmid}~1`)?.values).not.toHaveProperty("cpu_ratio");
  });

  it("keeps a guest's series through a live migration, without a rate across it", async () => {
    const polled = await started();
    const guest = [...polled.simulator.state.guests.values()].find(
      (each) => each.type === "qemu" && polled.fleet.get(`sim/guest/${each.vmid}~1`)?.values["running"] === 1,
    );
    const id = `sim/guest/${guest?.vmid}~1`;
    const target = Object.keys(polled.simulator.nodeUrls).find((node) => node !== guest?.node) ?? "";

    polled.simulator.state.migrateGuest(guest?.vmid ?? 0, target);
    for (let round = 0; round < 3; round++) await polled.poll();

    const mine = polled
      .rows()
      .filter((row) => row.id === id)
      .slice(-6);
    expect(mine.at(-1)?.node).toBe(target);
    expect(mine.every((row) => (row.values["net_in_bytes_per_second"] ?? 0) >= 0)).toBe(true);
    expect(new Set(times(polled.rows(), id)).size).toBe(times(polled.rows(), id).length);
    expect(
      polled.fleet.list("guest").filter((live) => live.entity.kind === "guest" && live.entity.vmid === guest?.vmid),
    ).toHaveLength(1);
  });

  it("gives a vmid's next guest an identity of its own", async () => {
    const polled = await started();
    const old = [...polled.simulator.state.guests.values()][0];
    polled.simulator.state.deleteGuest(old?.vmid ?? 0);
    for (let round = 0; round < 4; round++) await polled.poll();

    polled.simulator.state.createGuest({ node: old?.node ?? "", vmid: old?.vmid ?? 0 });
    await polled.poll();

    expect(polled.fleet.get(`sim/guest/${old?.vmid}~1`)?.entity.goneAt).not.toBeNull();
    expect(polled.fleet.get(`sim/guest/${old?.vmid}~2`)?.entity).toMatchObject({ generation: 2, goneAt: null });
  });
});

describe("when something fails", () => {
  it("a dead node stops nobody else, its guests get a gap and not zeros, and what it measured meanwhile is caught up", async () => {
    const polled = await started();
    const [dead = "", ...others] = Object.keys(polled.simulator.nodeUrls);

    await polled.simulator.state.faults.set({ kind: "dead-proxy", node: dead });
    for (let round = 0; round < 3; round++) {
      const before = polled.rows().length;
      await polled.poll();
      const fresh = polled.rows().slice(before);
      for (const node of others) expect(times(fresh, `sim/node/${node}`)).toHaveLength(1);
      expect(ofKind(fresh, "guest").filter((row) => row.node === dead)).toEqual([]);
      expect(fresh.find((row) => row.id === `sim/target/${dead}`)?.values["up"]).toBe(0);
    }
    expect(polled.openProblems()).toContain(`unreachable sim/node/${dead}`);
    await polled.simulator.state.faults.clear();
    await polled.poll();
    await polled.poll();

    const seconds = times(polled.rows(), `sim/node/${dead}`).map((ts) => ts / 1000);
    expect(
      seconds
        .slice(1)
        .map((s, index) => s - (seconds[index] ?? 0))
        .every((step) => step === 10),
    ).toBe(true);
    expect(polled.openProblems()).toEqual([]);
  });

  it("a node that hangs does not hold up the poll", async () => {
    const polled = await started();
    const [hung = "", other = ""] = Object.keys(polled.simulator.nodeUrls);
    await polled.simulator.state.faults.set({ kind: "delay", ms: 8_000, path: "/cluster/metrics/export", node: hung });

    const before = polled.rows().length;
    await polled.poll();

    expect(times(polled.rows().slice(before), `sim/node/${other}`)).toHaveLength(1);
    expect(times(polled.rows().slice(before), `sim/node/${hung}`)).toHaveLength(0);
  });

  it("an answer that comes after the round's time is taken in when it comes, not with the next round", async () => {
    const polled = await started();
    const [slow = ""] = Object.keys(polled.simulator.nodeUrls);
    await polled.simulator.state.faults.set({ kind: "delay", ms: 2_000, path: "/cluster/metrics/export", node: slow });

    const before = polled.rows().length;
    await polled.poll();
    const inTime = times(polled.rows().slice(before), `sim/node/${slow}`);
    await expect.poll(() => times(polled.rows().slice(before), `sim/node/${slow}`), { timeout: 3_000 }).toHaveLength(1);

    expect(inTime).toEqual([]);
    expect(polled.lastRows().find((row) => row.id === `sim/target/${slow}`)?.values["up"]).toBe(1);
  });

  it("lost rights never look like deleted guests", async () => {
    const polled = await started();
    const guests = polled.fleet.list("guest").length;

    await polled.simulator.state.faults.set({ kind: "permissions-lost" });
    for (let round = 0; round < 5; round++) await polled.poll();

    expect(polled.fleet.list("guest")).toHaveLength(guests);
    expect(polled.openProblems()).toContain("rights_lost sim/cluster");
    await polled.simulator.state.faults.clear();
    for (let round = 0; round < 3; round++) await polled.poll();
    expect(polled.openProblems()).not.toContain("rights_lost sim/cluster");
    expect(polled.fleet.list("guest")).toHaveLength(guests);
  });

  it("a token that may not read metrics still gets what the listing has", async () => {
    const first = await started();
    const { tokenId, tokenSecret } = first.simulator.state.access.createToken({
      token: "weak",
      secret: "0b7c9c6e-5d0f-4a57-9e8e-000000000001",
      roles: [{ role: "PVEAuditor", path: "/vms" }],
    });
    const polled = await pollSimulated({ on: first.simulator, token: { id: tokenId, secret: tokenSecret } });
    await polled.first();
    for (let round = 0; round < 3; round++) await polled.poll(30_000);

    const rows = ofKind(polled.rows(), "guest");

    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.origin === "resources")).toBe(true);
    expect(polled.openProblems()).toContain("privilege_missing sim/cluster");
    await polled.stop(false);
  });

  it.each(["truncated", "html", "null-data", "wrong-types", "nan"] as const)(
    "a body that is %s costs that answer and nothing more",
    async (body) => {
      const polled = await started();
      const guests = polled.fleet.list("guest").length;
      await polled.simulator.state.faults.set({ kind: "body", body });

      await polled.poll();
      await polled.poll();
      await polled.simulator.state.faults.clear();
      await polled.poll();
      await polled.poll();

      expect(polled.fleet.list("guest")).toHaveLength(guests);
      const node = Object.keys(polled.simulator.nodeUrls)[0] ?? "";
      const seconds = times(polled.rows(), `sim/node/${node}`).map((ts) => ts / 1000);
      expect(Math.max(...seconds.slice(1).map((s, index) => s - (seconds[index] ?? 0)))).toBe(10);
      for (const row of polled.rows())
        for (const value of Object.values(row.values)) expect(Number.isFinite(value)).toBe(true);
    },
  );

  it("a wrong certificate is refused before the token is sent, and said", async () => {
    const first = await started();
    await first.stop(false);
    first.simulator.state.requests.clear();

    const polled = await pollSimulated({
      on: first.simulator,
      trust: { kind: "pin", sha256: "AA".repeat(32).match(/../g)?.join(":") ?? "" },
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    const problems = polled.openProblems();
    await polled.stop(false);

    expect(problems).toEqual(["certificate_mismatch sim/cluster"]);
    expect(first.simulator.state.requests.list()).toEqual([]);
  });

  it("a clock that is off is measured and said, and loses no sample", async () => {
    const polled = await started();
    const [node = ""] = Object.keys(polled.simulator.nodeUrls);
    await polled.simulator.state.faults.set({ kind: "clock-skew", node, ms: 600_000 });

    for (let round = 0; round < 3; round++) await polled.poll();

    expect(polled.openProblems()).toContain(`clock_skew sim/node/${node}`);
    expect(ofKind(polled.lastRows(), "guest").filter((row) => row.node === node).length).toBeGreaterThan(0);
  });

  it("a pvestatd that hangs is said, and its old values are not stored again", async () => {
    const polled = await started();
    const [node = ""] = Object.keys(polled.simulator.nodeUrls);
    await polled.poll();
    await polled.simulator.state.faults.set({ kind: "pvestatd-hung", node });
    const before = times(polled.rows(), `sim/node/${node}`).length;

    for (let round = 0; round < 9; round++) await polled.poll();

    expect(times(polled.rows(), `sim/node/${node}`).length - before).toBeLessThanOrEqual(1);
    expect(polled.openProblems()).toContain(`samples_stale sim/node/${node}`);
  });

  it("a hung storage leaves everything else as it is", async () => {
    const polled = await started();
    await polled.simulator.state.faults.set({ kind: "storage-hung", storage: "nfs-backup" });

    await polled.poll(320_000);
    await polled.poll();

    const fresh = polled.lastRows();
    expect(fresh.filter((row) => row.id === "sim/storage/@nfs-backup")).toEqual([]);
    expect(ofKind(fresh, "guest").length).toBeGreaterThan(0);
    expect(polled.openProblems().some((problem) => problem === "storage_unavailable sim/storage/@nfs-backup")).toBe(
      true,
    );
  });
});

describe("the history that PVE has itself", () => {
  it("is imported once, up to where the samples begin, and not asked again after a restart", async () => {
    const polled = await started({ simulator: { nodes: 2, guests: 4 }, importHistory: true });
    await expect
      .poll(() => polled.fleet.jobs().find((job) => job.id === "import/sim")?.state, { timeout: 50_000 })
      .toBe("done");
    const node = Object.keys(polled.simulator.nodeUrls)[0] ?? "";
    const rows = polled.rows().filter((row) => row.id === `sim/node/${node}` && row.origin === "rrd-avg");
    const steps = [...new Set(rows.map((row) => row.stepS))].sort((a, b) => a - b);
    const firstSample = Math.min(
      ...polled
        .rows()
        .filter((row) => row.id === `sim/node/${node}` && row.origin === "export")
        .map((row) => row.ts),
    );

    expect(polled.fleet.jobs().find((job) => job.id === "import/sim")).toMatchObject({ state: "done" });
    expect(steps).toEqual([60, 1_800, 21_600, 604_800]);
    expect(Math.max(...rows.map((row) => row.ts))).toBeLessThanOrEqual(firstSample);
    expect(firstSample - Math.min(...rows.map((row) => row.ts))).toBeGreaterThan(350 * 86_400_000);

    const entities = polled.fleet
      .list("node")
      .concat(polled.fleet.list("guest"), polled.fleet.list("storage"))
      .map((live) => live.entity);
    const again = await pollSimulated({
      on: polled.simulator,
      store: polled.store,
      known: entities,
      importHistory: true,
    });
    await again.first();
    await again.poll();
    const asked = again.requests.filter((emitted) => emitted.path.endsWith("/rrddata"));
    await again.stop(false);
    expect(asked).toEqual([]);
  }, 60_000);
});
