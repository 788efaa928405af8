// Readers of the slow calls: what real answers look like, and what is left when parts of them are missing or odd.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFileSystems, readMeminfo } from "../../src/pve/calls/agent.ts";
import { readBackupJobs, readBackupVolumes, readUncoveredGuests } from "../../src/pve/calls/backup.ts";
import { readCephOsds, readCephPools, readCephStatus } from "../../src/pve/calls/ceph.ts";
import { readClusterLog } from "../../src/pve/calls/cluster-log.ts";
import { readDisks, readSmart } from "../../src/pve/calls/disks.ts";
import { readHaGroups, readHaRules, readHaStatus } from "../../src/pve/calls/ha.ts";
import { readPackages } from "../../src/pve/calls/packages.ts";
import { readThinPools, readZfsDetail, readZfsPools } from "../../src/pve/calls/pools-of-node.ts";
import { readReplication } from "../../src/pve/calls/replication.ts";
import { readStorageBackings, readStorageIdentity } from "../../src/pve/calls/storage-backing.ts";
import { readSubscription } from "../../src/pve/calls/subscription.ts";
import { UnreadableAnswer } from "../../src/pve/read.ts";

const canary = "pve2c-1234567890";

describe("a subscription", () => {
  it("is read without its key, server id and signature, also where PVE's sentence names the key", () => {
    const read = readSubscription({
      status: "Active",
      key: canary,
      serverid: "SERVERCANARY",
      signature: "SIGNATURECANARY",
      productname: "Proxmox VE Standard Subscription 2 CPUs/year",
      sockets: "2",
      checktime: 1_700_000_000,
      nextduedate: "2027-01-31",
      message: `subscription key ${canary} does not match; pve4b-abcdefabcd neither`,
    });

    expect(read).toMatchObject({ status: "active", sockets: 2, nextDue: "2027-01-31", checkedAtS: 1_700_000_000 });
    expect(JSON.stringify(read)).not.toMatch(/1234567890|CANARY|abcdefabcd/);
  });
});

describe("disks", () => {
  it("keep PVE's words, and a wear that is not told is absent", () => {
    const { rows, rejected } = readDisks([
      { devpath: "/dev/nvme0n1", model: "X", serial: "S1", type: "nvme", size: "1000", wearout: 97, health: "PASSED" },
      { devpath: "/dev/sda", model: "unknown", serial: "unknown", wearout: "N/A", health: "UNKNOWN", used: "LVM" },
      { model: "no path" },
    ]);

    expect(rejected).toBe(1);
    expect(rows[0]).toMatchObject({ lifeLeftPercent: 97, sizeBytes: 1000, smart: "PASSED" });
    expect(rows[1]).toMatchObject({ model: undefined, serial: undefined, lifeLeftPercent: undefined, usage: "LVM" });
  });

  it("tell their numbers from ATA attributes, whose raw values have words behind them", () => {
    const smart = readSmart({
      health: "PASSED",
      type: "ata",
      attributes: [
        { id: "  5", name: "Reallocated_Sector_Ct", raw: "8" },
        { id: "  9", name: "Power_On_Hours", raw: "12345h+10m+00.000s" },
        { id: "194", name: "Temperature_Celsius", raw: "36 (Min/Max 20/44)" },
        { id: "187", name: "Reported_Uncorrect", raw: "3", fail: "-" },
        { id: "188", name: "Command_Timeout", raw: "4295032834" },
        { id: "197", name: "Current_Pending_Sector", raw: "2", fail: "NOW" },
        { id: "198", name: "Offline_Uncorrectable", raw: "1", fail: "Past" },
        { id: "odd" },
        null,
      ],
    });

    expect(smart).toEqual({
      health: "PASSED",
      temperatureCelsius: 36,
      powerOnHours: 12_345,
      reallocatedSectors: 8,
      pendingSectors: 2,
      mediaErrors: 1,
      reportedUncorrectable: 3,
      commandTimeouts: 2,
      offlineUncorrectable: 1,
      usedPercent: undefined,
      sparePercent: undefined,
      spareThresholdPercent: undefined,
      criticalWarning: undefined,
      failingAttributes: ["Current_Pending_Sector"],
    });
  });

  it("tell them from smartctl's text for NVMe and SAS", () => {
    const nvme = readSmart({
      health: "PASSED",
      type: "text",
      text: "SMART/Health Information (NVMe Log 0x02)\nCritical Warning:                   0x05\nTemperature:                        41 Celsius\nAvailable Spare:                    9%\nAvailable Spare Threshold:          10%\nPercentage Used:                    7%\nPower On Hours:                     11,022\nMedia and Data Integrity Errors:    0\n",
    });
    const sas = readSmart({
      health: "OK",
      type: "text",
      text: "\nPercentage used endurance indicator: 3%\nCurrent Drive Temperature:     29 C\nAccumulated power on time, hours:minutes 2500:12\nElements in grown defect list: 4\n",
    });

    expect(nvme).toMatchObject({ temperatureCelsius: 41, usedPercent: 7, powerOnHours: 11_022, mediaErrors: 0 });
    expect(nvme).toMatchObject({ criticalWarning: 5, sparePercent: 9, spareThresholdPercent: 10 });
    expect(sas).toMatchObject({ temperatureCelsius: 29, usedPercent: 3, powerOnHours: 2500, reallocatedSectors: 4 });
  });
});

describe("pools", () => {
  it("of ZFS name the devices that fail, however deep they lie", () => {
    const detail = readZfsDetail({
      state: "DEGRADED",
      scan: "scrub repaired 0B\n  in 00:10:00",
      children: [
        {
          name: "tank",
          state: "DEGRADED",
          children: [
            {
              name: "mirror-0",
              state: "DEGRADED",
              children: [
                { name: "sda", state: "FAULTED", read: 3, write: 0, cksum: "12" },
                { name: "sdb", state: "ONLINE", read: 0, write: 0, cksum: 0 },
              ],
            },
          ],
        },
        { name: "spares", children: [{ name: "sdc", state: "AVAIL" }] },
      ],
    });

    expect(detail.failingDevices).toEqual(["tank DEGRADED", "mirror-0 DEGRADED", "sda FAULTED 3 read 12 cksum"]);
    expect(detail.scan).toBe("scrub repaired 0B in 00:10:00");
    expect(
      readZfsPools([{ name: "tank", health: "ONLINE", size: "10", alloc: 4, free: 6, frag: "21" }]).rows[0],
    ).toMatchObject({ fragmentationPercent: 21 });
    expect(readThinPools([{ lv: "data", vg: "pve", used: 1 }, { lv: "x" }])).toMatchObject({ rejected: 1 });
  });
});

describe("Ceph", () => {
  it("is read from the map in a map of old releases as well", () => {
    const outer = { health: { status: "HEALTH_WARN", checks: { OSD_DOWN: { summary: { message: "1 osds down" } } } } };
    const pgmap = { bytes_total: 300, bytes_used: 90, bytes_avail: 210, data_bytes: 30 };
    const counts = { num_osds: 3, num_up_osds: 2, num_in_osds: 3 };

    for (const osdmap of [counts, { osdmap: counts }]) {
      expect(readCephStatus({ ...outer, pgmap, osdmap })).toMatchObject({
        health: "HEALTH_WARN",
        checks: ["OSD_DOWN: 1 osds down"],
        osds: 3,
        osdsUp: 2,
        storedBytes: 30,
      });
    }
  });

  it("has its OSDs in a tree", () => {
    const root = {
      type: "root",
      children: [
        {
          type: "host",
          name: "pve1",
          children: [{ type: "osd", name: "osd.0", status: "up", in: 1, percent_used: 12.5 }],
        },
      ],
    };

    expect(readCephOsds({ root })).toMatchObject([{ osd: "osd.0", host: "pve1", in: true, usedPercent: 12.5 }]);
    expect(readCephPools([{ pool_name: "rbd", size: 3, percent_used: 0.25 }]).rows[0]).toMatchObject({
      replicas: 3,
      usedRatio: 0.25,
    });
  });
});

describe("backups", () => {
  it("say of a job what it includes, in both spellings of retention", () => {
    const { rows } = readBackupJobs([
      { id: "a", all: 1, exclude: "101", schedule: "02:00", "prune-backups": { "keep-daily": 7 } },
      { id: "b", pool: "prod", enabled: 0, "prune-backups": "keep-last=3" },
      { id: "c", vmid: "100,102" },
    ]);

    expect(rows.map(({ selection, enabled, keep }) => [selection, enabled, keep])).toEqual([
      ["all except 101", true, "keep-daily=7"],
      ["pool prod", false, "keep-last=3"],
      ["100,102", true, undefined],
    ]);
    expect(readUncoveredGuests([{ vmid: "104", name: "x" }, {}])).toMatchObject({ rejected: 1, rows: [{ vmid: 104 }] });
  });

  it("of hosts are left out, and verification is kept", () => {
    const { rows, rejected } = readBackupVolumes([
      {
        volid: "pbs:backup/vm/100/x",
        vmid: "100",
        ctime: 5,
        size: 9,
        verification: { state: "ok", upid: "u" },
        protected: 1,
        encrypted: "aa:bb",
      },
      { volid: "pbs:backup/host/h/x", ctime: 5 },
      { vmid: 100 },
    ]);

    expect(rejected).toBe(1);
    expect(rows).toEqual([
      {
        volid: "pbs:backup/vm/100/x",
        vmid: 100,
        createdS: 5,
        sizeBytes: 9,
        protected: true,
        encrypted: true,
        verification: "ok",
      },
    ]);
  });
});

describe("replication", () => {
  it("takes 0 for never, and a missing guest from the job's id", () => {
    const { rows } = readReplication([{ id: "100-0", last_sync: 0, fail_count: "2", error: "no route\n", disable: 0 }]);

    expect(rows[0]).toMatchObject({ vmid: 100, lastSyncS: undefined, failures: 2, error: "no route", enabled: true });
  });
});

describe("HA", () => {
  it("of a node is its state without the time beside it, or every answer would be news", () => {
    const { rows } = readHaStatus([
      { type: "lrm", node: "pve1", id: "lrm:pve1", status: "pve1 (active, Tue Nov 24 12:00:00 2026)" },
      { type: "lrm", node: "pve2", id: "lrm:pve2", status: "pve2 (maintenance mode, Tue Nov 24 12:00:00 2026)" },
      {
        type: "service",
        sid: "vm:100",
        state: "started",
        request_state: "started",
        node: "pve1",
        status: "vm:100 (pve1, started)",
      },
      { type: "new-in-10" },
    ]);

    expect(rows.map(({ state }) => state)).toEqual(["active", "maintenance mode", "started"]);
    expect(
      readHaRules([{ rule: "r", type: "node-affinity", resources: "vm:100,ct:101", nodes: "pve1:2,pve2", strict: 1 }])
        .rows[0],
    ).toMatchObject({
      resources: ["vm:100", "ct:101"],
      nodes: ["pve1:2", "pve2"],
      strict: true,
      enabled: true,
    });
    expect(readHaGroups([{ group: "g", nodes: "pve1", restricted: 1 }]).rows[0]).toMatchObject({
      type: "group",
      strict: true,
    });
  });
});

describe("the cluster log", () => {
  it("is read without the passwords that PVE writes into it", () => {
    const { rows } = readClusterLog([
      {
        uid: 1,
        node: "pve1",
        time: 5,
        user: "root@pam",
        tag: "pvedaemon",
        pri: 6,
        msg: "update VM 100: -cipassword CANARY -memory 2048",
      },
      { uid: 2, node: "pve1", time: 5, msg: "update CT 101: --password=CANARY2" },
    ]);

    expect(rows[0]?.message).toBe("update VM 100: -cipassword (hidden) -memory 2048");
    expect(JSON.stringify(rows)).not.toContain("CANARY");
  });
});

describe("the guest agent", () => {
  it("shows each device once and no pseudo file systems", () => {
    const disk = [{ dev: "/dev/sda1" }];
    const { rows } = readFileSystems({
      result: [
        { mountpoint: "/", type: "ext4", "total-bytes": 100, "used-bytes": 40, disk },
        { mountpoint: "/bind", type: "ext4", "total-bytes": 100, "used-bytes": 40, disk },
        { mountpoint: "/snap/core/1", type: "squashfs", "total-bytes": 5, "used-bytes": 5, disk: [] },
        { mountpoint: "/run", type: "tmpfs", "total-bytes": 5, "used-bytes": 1 },
        { mountpoint: "C:\\", name: "\\\\?\\Volume{1}\\", type: "NTFS", "total-bytes": 50, "used-bytes": 20, disk: [] },
      ],
    });

    expect(rows.map(({ mountPoint }) => mountPoint)).toEqual(["/", "C:\\"]);
    expect(readMeminfo({ content: "MemTotal:  100 kB\nMemAvailable:   40 kB\n" })).toEqual({
      totalBytes: 102_400,
      availableBytes: 40_960,
    });
    expect(readMeminfo({ content: "" })).toEqual({ totalBytes: undefined, availableBytes: undefined });
  });
});

describe("the backing of a storage", () => {
  it("is the same for ids that share one space, and not told where the configuration does not", () => {
    const { rows } = readStorageBackings([
      { storage: "a", type: "zfspool", pool: "rpool/data" },
      { storage: "b", type: "zfspool", pool: "rpool/backup" },
      { storage: "c", type: "nfs", server: "nas", export: "/x" },
      { storage: "d", type: "rbd", pool: "p", monhost: "10.0.0.2 10.0.0.1" },
      { storage: "e", type: "cephfs", monhost: "10.0.0.1,10.0.0.2" },
      { storage: "f", type: "something-new" },
      { storage: "g" },
    ]);

    expect(rows.map(({ backing }) => backing)).toEqual([
      "zfs:rpool",
      "zfs:rpool",
      "nfs:nas:/x",
      "ceph:10.0.0.1,10.0.0.2",
      "ceph:10.0.0.1,10.0.0.2",
      undefined,
    ]);
    expect(readStorageIdentity({ id: "x", type: "nfs" })).toBe("x");
  });
});

describe("packages", () => {
  it("are what is installed, not what could be", () => {
    const { rows } = readPackages([
      { Package: "pve-manager", Version: "9.2.12", OldVersion: "9.2.11", CurrentState: "Installed" },
      {},
    ]);

    expect(rows).toMatchObject([{ package: "pve-manager", version: "9.2.11" }]);
  });
});

describe("every reader", () => {
  it("gives something or says that it is unreadable, whatever the answer is", () => {
    const readers: readonly ((data: unknown) => unknown)[] = [
      readSubscription,
      readDisks,
      readSmart,
      readZfsPools,
      readZfsDetail,
      readThinPools,
      readCephStatus,
      readCephPools,
      readCephOsds,
      readBackupJobs,
      readBackupVolumes,
      readUncoveredGuests,
      readReplication,
      readHaStatus,
      readHaRules,
      readHaGroups,
      readClusterLog,
      readFileSystems,
      readMeminfo,
      readStorageBackings,
      readStorageIdentity,
      readPackages,
    ];
    const keys = fc.constantFrom(
      "id",
      "name",
      "attributes",
      "children",
      "result",
      "root",
      "health",
      "checks",
      "pgmap",
      "osdmap",
      "type",
      "status",
      "storage",
      "msg",
      "text",
      "content",
      "disk",
      "verification",
      "prune-backups",
    );
    const anything = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 0, "", "x", Number.POSITIVE_INFINITY, -1),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(keys, tie("value"), { maxKeys: 5 }),
      ),
    })).value;
    fc.assert(
      fc.property(anything, (data) => {
        for (const read of readers) {
          try {
            read(data);
          } catch (error) {
            expect(error).toBeInstanceOf(UnreadableAnswer);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
