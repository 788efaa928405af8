// biome-ignore-all lint/style/noNonNullAssertion: a value that is missing fails the test where it is used.
// Backup jobs, what they cover, what lies on the storages, volumes of guests, and replication: all must agree.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Truth } from "../../src/simulator/index.ts";
import { aCluster, type Row, type TestCluster } from "./client.ts";

let cluster: TestCluster;
let truth: Truth;
let reader: { readonly token: string };
beforeAll(async () => {
  cluster = await aCluster({ nodes: 4, guests: 60 });
  truth = (await cluster.ask("/simulator/truth")).body as unknown as Truth;
  const privileges = ["Datastore.Audit", "Datastore.AllocateSpace", "VM.Audit", "VM.Backup", "VM.Config.Disk"];
  cluster.state.access.defineRole("BackupReader", privileges);
  const made = cluster.state.access.createToken({ user: "b@pve", token: "t", roles: [{ role: "BackupReader" }] });
  reader = { token: `${made.tokenId}=${made.tokenSecret}` };
});
afterAll(() => cluster.close());

const dayS = 86_400;
const content = (storage: string, query = "", node = "pve1") =>
  cluster.rows(`/nodes/${node}/storage/${storage}/content?${query}`, reader);
const ofGuest = (rows: readonly Row[], vmid: number) => rows.filter((row) => row.vmid === vmid);
const newest = (rows: readonly Row[]): number => Math.max(...rows.map((row) => Number(row["ctime"])));

describe("backup jobs", () => {
  it("tell selection, retention and next run, also of a job that is off", async () => {
    const jobs = await cluster.rows("/cluster/backup");

    expect(jobs[0]).toMatchObject({
      type: "vzdump",
      enabled: 1,
      all: 1,
      storage: "nfs-backup",
      schedule: "01:00",
      "prune-backups": { "keep-daily": "7", "keep-weekly": "4" },
    });
    expect(Number(jobs[0]!["next-run"]) * 1000).toBeGreaterThan(cluster.now());
    expect(jobs[1]).toMatchObject({ pool: "shop", storage: "pbs-1" });
    expect(jobs[2]).toMatchObject({ enabled: 0, vmid: String(truth.covered_by_disabled_job_only[0]) });
    expect(jobs[2]).not.toHaveProperty("next-run");
  });

  it("list the guests of no job, and count jobs that are off as PVE does", async () => {
    const uncovered = await cluster.rows("/cluster/backup-info/not-backed-up");

    expect(uncovered.map((row) => row.vmid)).toEqual(truth.uncovered_vmids);
    expect(uncovered.length).toBe(1);
    expect(truth.covered_by_disabled_job_only.length).toBe(1);
    expect(truth.uncovered_vmids).not.toContain(truth.covered_by_disabled_job_only[0]);
  });

  it("say which disks they take along, by the names that the configurations have", async () => {
    const [job] = await cluster.rows("/cluster/backup");
    const tree = (await cluster.row(`/cluster/backup/${job!.id}/included_volumes`))["children"] as readonly {
      readonly id: number;
      readonly type: string;
      readonly children: readonly { readonly id: string; readonly name: string; readonly included: unknown }[];
    }[];
    const disks = tree.flatMap((guest) =>
      guest.children.map((disk) => ({ ...disk, vmid: guest.id, type: guest.type })),
    );
    const left = disks.find((disk) => disk.included !== 1)!;
    const guest = cluster.state.guest(left.vmid);
    const config = await cluster.row(`/nodes/${guest.node}/${guest.type}/${guest.vmid}/config`);

    expect(tree.length).toBe(60 - 2);
    expect(left.included).toBe("");
    expect(String(config[left.id])).toContain(left.name);
    if (left.type === "qemu") expect(String(config[left.id])).toContain("backup=0");
  });
});

describe("a backup storage", () => {
  it("holds what the tasks made: a week of days and four weeks, the failing guest's last good ones", async () => {
    const rows = await content("nfs-backup", "content=backup");
    const healthy = truth.guests.find(
      (guest) =>
        ![truth.failing_backup_vmid, ...truth.uncovered_vmids, ...truth.covered_by_disabled_job_only].includes(
          guest.vmid,
        ) && guest.created_at_s < truth.anchor_s - 60 * dayS,
    )!;
    const own = ofGuest(rows, healthy.vmid);
    const failing = ofGuest(rows, truth.failing_backup_vmid!);

    expect(own.length).toBe(11);
    expect(truth.now_s - newest(own)).toBeLessThan(dayS);
    expect(own[0]).toMatchObject({ content: "backup", notes: healthy.name, subtype: healthy.type });
    expect(String(own[0]!["volid"])).toMatch(
      /^nfs-backup:backup\/vzdump-(qemu|lxc)-\d+-2026_11_20-\d\d_\d\d_\d\d\.(vma|tar)\.zst$/,
    );
    expect(failing.length).toBeGreaterThan(7);
    expect((truth.now_s - newest(failing)) / dayS).toBeGreaterThan(19);
    for (const vmid of truth.uncovered_vmids) expect(ofGuest(rows, vmid)).toEqual([]);
  });

  it("has a new backup of every guest after the next night, and as many as before", async () => {
    const own = await aCluster({ guests: 20 });
    own.state.access.grant({ path: "/", principal: "pilothouse@pve", role: "Administrator", propagate: true });
    own.state.access.grant({ path: "/", principal: own.tokenId, role: "Administrator", propagate: true });
    const ask = () => own.rows("/nodes/pve1/storage/nfs-backup/content?content=backup");
    const before = await ask();
    own.advance(dayS * 1000);
    const after = await ask();
    await own.close();

    expect(after.length).toBe(before.length);
    expect(newest(after)).toBeGreaterThan(newest(before));
  });

  it("that is a backup server tells how its verification ended, and one that failed", async () => {
    const rows = await content("pbs-1", "content=backup");
    const states = rows.map((row) => (row["verification"] as { readonly state: string } | undefined)?.state);
    const failed = rows.filter((_, index) => states[index] === "failed");

    expect(String(rows[0]!["volid"])).toMatch(/^pbs-1:backup\/(vm|ct)\/\d+\/2026-11-20T\d\d:\d\d:\d\dZ$/);
    expect(states[0]).toBeUndefined();
    expect(states.filter((state) => state === "ok").length).toBeGreaterThan(20);
    expect(failed.map((row) => row.vmid)).toEqual([truth.damaged_backup_vmid]);
  });

  it("hides all of it from a token that may only look, and says nothing of that", async () => {
    const auditor = await cluster.rows("/nodes/pve1/storage/nfs-backup/content");
    const images = await cluster.rows("/nodes/pve1/storage/local-zfs/content");
    const media = await cluster.rows("/nodes/pve1/storage/nfs-iso/content");

    expect([auditor, images]).toEqual([[], []]);
    expect(media.map((row) => row["content"])).toEqual(["iso", "iso"]);
  });
});

describe("volumes", () => {
  it("are those of the configurations, replicas and one that nobody owns", async () => {
    const named = new Set<string>();
    for (const guest of cluster.state.guests.values()) {
      const config = await cluster.row(`/nodes/${guest.node}/${guest.type}/${guest.vmid}/config`);
      for (const value of Object.values(config)) {
        const volid = typeof value === "string" ? /^[\w-]+:[\w-]+-disk-\d+/.exec(value)?.[0] : undefined;
        if (volid !== undefined) named.add(volid);
      }
    }
    const found = new Set<string>();
    for (const node of cluster.state.nodes.keys()) {
      for (const storage of await cluster.rows(`/nodes/${node}/storage?content=images`)) {
        for (const row of await content(String(storage["storage"]), "", node)) found.add(String(row["volid"]));
      }
    }
    const orphans = await content("local-zfs", "vmid=90001");

    expect([...named].filter((volid) => !found.has(volid))).toEqual([]);
    expect([...found].filter((volid) => !named.has(volid))).toEqual(truth.orphan_volumes);
    expect(truth.orphan_volumes.length).toBe(1);
    // Only someone who may see all of the storage's volumes sees one without a guest.
    expect(orphans.length).toBe(1);
  });

  it("lie on storages whose identity tells which ids share one backing", async () => {
    const identity = async (storage: string, node = "pve1") =>
      (await cluster.row(`/nodes/${node}/storage/${storage}/identity`)).id;

    expect(await identity("nfs-backup")).toBe(await identity("nfs-iso"));
    expect(await identity("nfs-backup", "pve2")).toBe(await identity("nfs-backup"));
    expect(await identity("local", "pve2")).not.toBe(await identity("local"));
    const [backup, iso] = [
      await cluster.row("/nodes/pve1/storage/nfs-backup/status"),
      await cluster.row("/nodes/pve1/storage/nfs-iso/status"),
    ];
    expect([iso["total"], iso["used"]]).toEqual([backup["total"], backup["used"]]);
  });
});

describe("replication", () => {
  it("is told per node with its last and next run, and one job that has failed for two days", async () => {
    const jobs = await cluster.rows("/cluster/replication");
    const states = (
      await Promise.all([...cluster.state.nodes.keys()].map((node) => cluster.rows(`/nodes/${node}/replication`)))
    ).flat();
    const failed = states.filter((state) => Number(state["fail_count"]) > 0);
    const well = states.find((state) => state["fail_count"] === 0)!;

    expect(states.length).toBe(jobs.length);
    expect(failed.map((state) => state.id)).toEqual([truth.failing_replication]);
    expect(failed[0]!["error"]).toContain("exit code 1");
    expect((truth.now_s - Number(failed[0]!["last_sync"])) / dayS).toBeGreaterThan(2);
    expect(truth.now_s - Number(well["last_sync"])).toBeLessThan(1800);
    expect(Number(well["next_sync"])).toBeGreaterThan(truth.now_s);
    const replica = cluster.state.replication[0]!;
    const copies = await content("local-zfs", `vmid=${replica.guest}`, replica.target);
    expect(copies.length).toBeGreaterThan(0);
  });

  it("turns round when its guest moves onto the copy", async () => {
    const [job] = cluster.state.replication;
    const { node } = cluster.state.guest(job!.guest);
    const { target } = job!;

    cluster.state.migrateGuest(job!.guest, target);
    const [moved] = await cluster.rows(`/nodes/${target}/replication?guest=${job!.guest}`);

    expect(moved).toMatchObject({ id: job!.id, source: target, target: node });
  });
});
