// Readers on answers as PVE gives them, through the client's own readers; and what of them reaches the disk.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FactKeeper } from "../../../src/app/fact-keeper.ts";
import type { AnyFactReader, FactContext, Reading } from "../../../src/collect/facts/fact-reader.ts";
import { factReaders } from "../../../src/collect/facts/index.ts";
import { KnownFleet } from "../../../src/collect/facts/known-fleet.ts";
import { backupOutcomes } from "../../../src/collect/facts/readers/backup-results.ts";
import { hasAgent } from "../../../src/collect/facts/readers/guest-configs.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { silentLog } from "../../../src/lib/log.ts";
import { FactBook } from "../../../src/live/fact-book.ts";
import { Fleet } from "../../../src/live/fleet.ts";
import type { FactReaderName } from "../../../src/model/facts-paces.ts";
import type { Entity } from "../../../src/model/inventory.ts";
import { capabilitiesOf, type PveGet, type PveReader, PveRefusedError } from "../../../src/pve/index.ts";
import { openState } from "../../../src/store/state/index.ts";
import { aCluster, aGuest, aNode, aStorage } from "../../build.ts";
import { temporaryDirectory } from "../../temporary-directory.ts";

const now = Date.UTC(2026, 0, 5, 12);
const canary = "pve2c-CANARY0123";

/** Answers paths from a table, and refuses what is not in it as PVE does. */
function cannedPve(answers: Readonly<Record<string, unknown>>): PveReader & { readonly paths: string[] } {
  const paths: string[] = [];
  return {
    paths,
    get: async <T>(spec: PveGet<T>) => {
      paths.push(spec.path);
      if (!(spec.path in answers)) throw refused(spec.path);
      const data = spec.read(answers[spec.path]);
      return { data, endpoint: "https://x", node: null, receivedBytes: 0, bodyBytes: 0, durationMs: 0, status: 200 };
    },
  };
}

const refused = (path: string): PveRefusedError =>
  new PveRefusedError("refused", {
    endpoint: "https://x",
    path,
    text: "binary not installed: /usr/bin/ceph-mon",
    pveStatus: 500,
  });

const entities: readonly Entity[] = [
  aCluster("c", now),
  aNode("c", "pve1", now),
  aGuest("c", 100, now),
  aStorage("c", null, "nfs", now),
];

function contextOf(pve: PveReader, change: Partial<FactContext> = {}): FactContext {
  return {
    cluster: "c",
    pve,
    options: { priority: "background", signal: new AbortController().signal },
    capabilities: capabilitiesOf("9.2.1"),
    now,
    startedAt: now - 60_000,
    everyS: 900,
    lastAt: null,
    fleet: new KnownFleet("c", entities),
    holds: () => true,
    ...change,
  };
}

async function read(
  name: FactReaderName,
  answers: Readonly<Record<string, unknown>>,
  change: Partial<FactContext> = {},
): Promise<Reading> {
  const reader = factReaders.find((one) => one.name === name) as AnyFactReader;
  const subject = entities.find(({ kind }) => kind === reader.scope);
  return reader.read(contextOf(cannedPve(answers), change), subject as never);
}

const subscriptionAnswer = {
  "/nodes/pve1/subscription": {
    status: "active",
    key: canary,
    serverid: "CANARYSERVER",
    signature: "CANARYSIGNATURE",
    message: `key ${canary}`,
  },
};
const configAnswer = {
  "/nodes/pve1/qemu/100/config": {
    digest: "d1",
    cores: 2,
    sockets: 2,
    memory: "4096",
    agent: "enabled=1,fstrim_cloned_disks=1",
    scsi0: "local-lvm:vm-100-disk-0,size=32G",
    scsi1: "local-lvm:vm-100-disk-1,size=512M",
    ide2: "nfs:iso/x.iso,media=cdrom,size=600M",
    cipassword: "CANARYPASSWORD",
    sshkeys: "CANARYKEY",
    description: "CANARYNOTE",
    args: "-CANARYARGS",
  },
};

describe("no secret", () => {
  it("of a subscription, configuration or log line is in any file of the state database", async () => {
    const folder = temporaryDirectory();
    const state = await openState({ path: join(folder, "state.db"), clock: systemClock });
    const fleet = new Fleet(systemClock);
    const keeper = new FactKeeper({
      state,
      book: new FactBook(),
      fleet,
      problems: fleet.problemList,
      clock: systemClock,
      log: silentLog,
    });
    const log = [
      { uid: 1, node: "pve1", time: 5, user: "root@pam", msg: "update VM 100: -cipassword CANARYLOG -memory 1" },
    ];
    const readings = [
      ["subscriptions", await read("subscriptions", subscriptionAnswer)],
      ["guest_configs", await read("guest_configs", configAnswer)],
      ["cluster_log", await read("cluster_log", { "/cluster/log": log })],
    ] as const;
    for (const [reader, { facts = [], events = [] }] of readings) {
      const about = `c/${reader}`;
      keeper.take({ type: "log", events });
      keeper.take({
        type: "facts",
        readings: [{ cluster: "c", reader, about, at: now, error: null, failures: 0, kinds: [], facts }],
      });
    }
    await keeper.close();
    await state.close();

    const bytes = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), "latin1"))
      .join("");
    expect(bytes).toContain("vm-100-disk-0");
    expect(bytes).toContain("(hidden)");
    expect(bytes).not.toContain("CANARY");
  });
});

describe("a reader", () => {
  it("of configurations sums disks without CD-ROMs and counts all cores", async () => {
    const { facts } = await read("guest_configs", configAnswer);

    expect(facts?.[0]?.fields).toMatchObject({
      cores: 4,
      memory_bytes: 4 * 2 ** 30,
      disk_bytes: 32.5 * 2 ** 30,
      agent: true,
    });
    expect(["1", "enabled=1", "enabled=1,type=isa", "type=isa,enabled=1"].every(hasAgent)).toBe(true);
    expect(["0", "enabled=0", "", undefined, "type=isa"].some(hasAgent)).toBe(false);
  });

  it("of Ceph finds nothing wrong with a cluster that has none", async () => {
    expect(await read("ceph", {})).toEqual({});
  });

  it("of disks keeps a disk whose SMART cannot be read", async () => {
    const { facts } = await read("disks", {
      "/nodes/pve1/disks/list": [{ devpath: "/dev/sda", size: 5, health: "UNKNOWN" }],
    });

    expect(facts?.[0]).toMatchObject({
      key: "/dev/sda",
      fields: { smart: "UNKNOWN", temperature_celsius: null, media_errors: null },
    });
  });

  it("of thin pools tells data and metadata", async () => {
    const row = { lv: "data", vg: "pve", lv_size: 100, used: 81, metadata_size: 10, metadata_used: 2 };
    const { facts, rows } = await read("thin_pools", { "/nodes/pve1/disks/lvmthin": [row] });

    expect(facts?.[0]).toMatchObject({ key: "pve/data", fields: { used_bytes: 81, metadata_used_bytes: 2 } });
    expect(rows?.[0]).toMatchObject({ id: "c/pool/pve1:lvmthin:pve/data", values: { metadata_used_percent: 20 } });
  });

  it("of packages tells what runs beside what is installed", async () => {
    const rows = [
      { Package: "proxmox-ve", Version: "9.2.0", CurrentState: "Installed", RunningKernel: "6.17.2-1-pve" },
    ];
    const { facts } = await read("packages", { "/nodes/pve1/apt/versions": rows });

    expect(facts?.[0]).toMatchObject({ key: "proxmox-ve", fields: { version: "9.2.0", running: "6.17.2-1-pve" } });
  });

  it("of HA tells services of guests, nodes and the master", async () => {
    const status = [
      { type: "master", id: "master", node: "pve1", status: "pve1 (active, Mon Jan 05 12:00:00 2026)" },
      { type: "lrm", id: "lrm:pve1", node: "pve1", status: "pve1 (active, Mon Jan 05 12:00:00 2026)" },
      {
        type: "service",
        id: "service:vm:100",
        sid: "vm:100",
        node: "pve1",
        state: "started",
        request_state: "started",
      },
    ];
    const { facts } = await read("ha", { "/cluster/ha/status/current": status });

    expect(facts).toMatchObject([
      { kind: "ha_node", subject: "c/node/pve1", fields: { state: "active", master: true } },
      { kind: "ha_service", subject: "c/guest/100~1", fields: { state: "started" } },
    ]);
  });

  it("of HA rules asks for groups before 9, because rules are not there", async () => {
    const answers = { "/cluster/ha/groups": [{ group: "g", nodes: "pve1" }], "/cluster/ha/rules": [{ rule: "r" }] };
    const told = async (version: string) =>
      (await read("ha_rules", answers, { capabilities: capabilitiesOf(version) })).facts?.map(({ key }) => key);

    expect(await told("8.4.1")).toEqual(["g"]);
    expect(await told("9.1.1")).toEqual(["r"]);
  });

  it("of the guest agent asks only a guest whose configuration has one, and for memory only with the right to", async () => {
    const fsinfo = {
      result: [{ mountpoint: "/", type: "ext4", "total-bytes": 100, "used-bytes": 40, disk: [{ dev: "/dev/sda1" }] }],
    };
    const answers = {
      ...configAnswer,
      "/nodes/pve1/qemu/100/agent/get-fsinfo": fsinfo,
      "/nodes/pve1/qemu/100/agent/file-read": { content: "MemTotal: 10 kB\nMemAvailable: 4 kB\n" },
    };
    const full = await read("agent", answers);
    const limited = await read("agent", answers, { holds: (privilege) => privilege === "VM.GuestAgent.Audit" });
    const without = await read("agent", { "/nodes/pve1/qemu/100/config": { agent: "0" } });

    expect(full.rows?.[0]?.values).toEqual({
      fs_total_bytes: 100,
      fs_used_bytes: 40,
      guest_mem_total_bytes: 10_240,
      guest_mem_available_bytes: 4096,
    });
    expect(limited.rows?.[0]?.values["guest_mem_total_bytes"]).toBeUndefined();
    expect(without).toEqual({});
  });

  it("of the cluster log tells guests apart from nodes and leaves tasks to the tasks", async () => {
    const rows = [
      { uid: 1, node: "pve1", time: 5, user: "a@pve", tag: "pvedaemon", pri: 6, msg: "update VM 100: -memory 1" },
      { uid: 2, node: "pve1", time: 6, pri: 3, tag: "pmxcfs", msg: "quorum lost" },
      { uid: 3, node: "pve1", time: 6, msg: "<root@pam> starting task UPID:pve1:0:0:0:vzdump::root@pam:" },
    ];
    const { events } = await read("cluster_log", { "/cluster/log": rows });

    expect(events?.map(({ subject, state, user }) => [subject, state, user])).toEqual([
      ["c/guest/100~1", "info", "a@pve"],
      ["c/node/pve1", "failed", null],
    ]);
  });
});

describe("the log of a backup job", () => {
  it("tells guest by guest how it ended; what was begun and not finished is not known", () => {
    const outcomes = backupOutcomes([
      "INFO: starting new backup job: vzdump --all 1",
      "INFO: Starting Backup of VM 100 (qemu)",
      "INFO: Finished Backup of VM 100 (00:01:10)",
      "INFO: Starting Backup of VM 101 (lxc)",
      "ERROR: Backup of VM 101 failed - command 'mksquashfs' failed: exit code 1",
      "INFO: Starting Backup of VM 102 (qemu)",
    ]);

    expect(outcomes).toEqual([
      { vmid: 100, message: null, durationS: 70 },
      { vmid: 101, message: "command 'mksquashfs' failed: exit code 1", durationS: null },
    ]);
  });
});
