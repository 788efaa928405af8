// biome-ignore-all lint/style/noNonNullAssertion: a value that is missing fails the test where it is used.
import { afterEach, describe, expect, it } from "vitest";
import { isRunning } from "../../src/simulator/entities.ts";
import { aCluster, noon, type TestCluster } from "./client.ts";

let cluster: TestCluster;
afterEach(() => cluster.close());

const dayMs = 86_400_000;
const newFields = ["memavailable", "arcsize", "pressurecpusome", "pressureiofull"];
const stepsOf = (rows: readonly Record<string, unknown>[]): readonly number[] => {
  const times = rows.map((row) => Number(row["time"]));
  return [...new Set(times.slice(1).map((time, index) => time - times[index]!))];
};

describe("a cluster of 8 and 9", () => {
  it("lets every node speak as its own release", async () => {
    cluster = await aCluster({ releases: { pve2: "8.4" } });

    const own = await cluster.row("/version");
    const other = await cluster.row("/version", { node: "pve2" });
    const forwarded = await cluster.row("/nodes/pve2/version");
    const status = await cluster.row("/nodes/pve2/status");
    const old = await cluster.rows("/nodes/pve2/rrddata?timeframe=day", { node: "pve2" });
    const errors = await cluster.ask("/nodes/pve1/qemu/1/config", { node: "pve2" });
    const rules = await cluster.ask("/nodes/pve1/rrddata?timeframe=decade", { node: "pve2" });

    expect([own["release"], other["release"], forwarded["release"]]).toEqual(["9.2", "8.4", "8.4"]);
    expect(status["pveversion"]).toContain("pve-manager/8.4");
    expect([old.length, stepsOf(old)]).toEqual([70, [1800]]);
    expect(errors.body).not.toHaveProperty("message");
    expect(rules.status).toBe(400);
  });

  it("has the new fields only where both the measuring and the answering node are 9", async () => {
    cluster = await aCluster({ releases: { pve2: "8.4" } });
    const last = async (path: string, node: string) => (await cluster.rows(path, { node })).at(-1)!;

    const newOfNew = await last("/nodes/pve1/rrddata?timeframe=hour", "pve1");
    const newOfOld = await last("/nodes/pve2/rrddata?timeframe=hour", "pve1");
    const oldOfNew = await last("/nodes/pve1/rrddata?timeframe=hour", "pve2");

    for (const field of newFields) {
      expect(newOfNew).toHaveProperty(field);
      expect(newOfOld).not.toHaveProperty(field);
      expect(oldOfNew).not.toHaveProperty(field);
    }
  });

  it("shows memhost again when a guest moves from an 8 to a 9", async () => {
    cluster = await aCluster({ releases: { pve2: "8.4" } });
    const guest = [...cluster.state.guests.values()].find(
      (one) => one.node === "pve2" && one.type === "qemu" && isRunning(one),
    )!;
    const row = async () =>
      (await cluster.rows("/cluster/resources?type=vm")).find((candidate) => candidate.vmid === guest.vmid)!;
    const before = await row();

    cluster.state.migrateGuest(guest.vmid, "pve1");
    cluster.advance(180_000);
    const rows = await cluster.rows(`/nodes/pve1/qemu/${guest.vmid}/rrddata?timeframe=hour`);

    expect(before).not.toHaveProperty("memhost");
    expect(await row()).toHaveProperty("memhost");
    expect(rows.at(-1)).toHaveProperty("memhost");
    expect(rows[0]).not.toHaveProperty("memhost");
  });

  it("answers with coarse rows of before an upgrade and fine ones of after it, the new fields only after", async () => {
    cluster = await aCluster({ upgradedAt: noon - 5 * dayMs });

    const month = await cluster.rows("/nodes/pve1/rrddata?timeframe=month");
    const guest = await cluster.rows(`/nodes/pve1/qemu/${aVm()}/rrddata?timeframe=month`);

    const times = month.map((row) => Number(row["time"]));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(stepsOf(month)).toEqual(expect.arrayContaining([43_200, 1800]));
    const upgradeS = (noon - 5 * dayMs) / 1000;
    for (const row of month) {
      if (row["cpu"] === undefined) continue;
      expect(Object.hasOwn(row, "arcsize")).toBe(Number(row["time"]) > upgradeS);
    }
    expect(stepsOf(guest)).toEqual(expect.arrayContaining([43_200, 1800]));
  });

  it("can be upgraded node by node while it runs", async () => {
    cluster = await aCluster({ release: "9.2", releases: { pve1: "8.4", pve2: "8.4", pve3: "8.4" } });
    const before = await cluster.rows("/nodes/pve1/rrddata?timeframe=day");

    cluster.state.upgradeNode("pve1", "9.2");
    cluster.advance(3 * 3_600_000);
    const after = await cluster.rows("/nodes/pve1/rrddata?timeframe=day");

    expect(stepsOf(before)).toEqual([1800]);
    expect(stepsOf(after)).toEqual(expect.arrayContaining([1800, 60]));
    expect((await cluster.row("/version"))["release"]).toBe("9.2");
    expect((await cluster.row("/version", { node: "pve2" }))["release"]).toBe("8.4");
  });
});

const aVm = (): number =>
  [...cluster.state.guests.values()].find((one) => one.node === "pve1" && one.type === "qemu" && isRunning(one))!.vmid;
