import { describe, expect, it } from "vitest";
import { judgePressures, type Pressed } from "../../../src/analyse/risk/rules/io-pressure.ts";
import { judgeNode, type NodeSigns } from "../../../src/analyse/risk/rules/node-unstable.ts";
import { judgePool, type ZfsPool } from "../../../src/analyse/risk/rules/zfs-health.ts";
import { restartsOf } from "../../../src/analyse/risk/watches/node-unstable.ts";

const day = 86_400_000;
const now = Date.UTC(2026, 5, 1, 12);

describe("a ZFS pool", () => {
  const aPool = (more: Partial<ZfsPool> = {}) =>
    judgePool({
      cluster: "lab",
      subject: "lab/node/pve1",
      nodeName: "pve1",
      series: "lab/pool/pve1:zfs:tank",
      pool: "tank",
      health: "ONLINE",
      errors: "No known data errors",
      failingDevices: [],
      devicesBefore: null,
      fragmentationPercent: 20,
      ...more,
    });

  it("that is online and whole is no risk", () => {
    expect(aPool()).toEqual([]);
    expect(aPool({ health: null, errors: null, fragmentationPercent: null })).toEqual([]);
  });

  it("that lost a device is degraded, and failing when it works no more", () => {
    expect(aPool({ health: "DEGRADED", failingDevices: ["sdb FAULTED"] })).toMatchObject([
      { kind: "zfs-degraded", severity: "warning", message: "ZFS pool tank of pve1 is DEGRADED: sdb FAULTED." },
    ]);
    expect(aPool({ health: "SUSPENDED" })[0]?.severity).toBe("critical");
  });

  it("whose checksum errors grow is failing, others are looked at", () => {
    const devices = { failingDevices: ["sdb ONLINE 12 cksum"] };
    expect(aPool(devices)[0]?.severity).toBe("warning");
    expect(aPool({ ...devices, devicesBefore: ["sdb ONLINE 3 cksum"] })[0]).toMatchObject({
      severity: "critical",
      evidence: [{ numbers: { checksum_errors: 12, checksum_errors_7_days_ago: 3 } }],
    });
    expect(aPool({ ...devices, devicesBefore: [] })[0]?.severity).toBe("critical");
  });

  it("that lost data, or is in splinters, says so", () => {
    expect(aPool({ errors: "2 data errors, use '-v' for a list" })[0]).toMatchObject({ kind: "zfs-errors" });
    expect(aPool({ fragmentationPercent: 50 })).toEqual([]);
    expect(aPool({ fragmentationPercent: 62 })).toMatchObject([{ kind: "zfs-fragmented", severity: "info" }]);
  });
});

describe("I/O pressure", () => {
  const minutes = 60_000;
  const aThing = (percents: readonly number[], guest?: number): Pressed => ({
    cluster: "lab",
    subject: guest === undefined ? "lab/node/pve1" : `lab/guest/${guest}~1`,
    name: guest === undefined ? "pve1" : `web-${guest}`,
    on: guest === undefined ? null : { id: "lab/node/pve1", name: "pve1" },
    stretches: percents.map((percent, place) => ({ atMs: now + place * 5 * minutes, lengthMs: 5 * minutes, percent })),
  });
  const judge = (...things: readonly Pressed[]) => judgePressures(things, now + day);

  it("counts from a quarter of an hour without a pause on", () => {
    expect(judge(aThing([20, 20, 5, 20, 20]))).toEqual([]);
    expect(judge(aThing([20, 20, 20]))).toMatchObject([
      { severity: "info", fields: { minutes_over: 15 }, evidence: [{ numbers: { mean_percent: 20, spells: 1 } }] },
    ]);
  });

  it("of hours, or very high, is a warning", () => {
    expect(judge(aThing([60, 60, 60]))[0]?.severity).toBe("warning");
    expect(judge(aThing(Array.from({ length: 72 }, () => 12)))[0]?.severity).toBe("warning");
  });

  it("of a point that is coarser than five minutes counts for its length", () => {
    const coarse = { ...aThing([]), stretches: [{ atMs: now, lengthMs: 30 * minutes, percent: 15 }] };
    expect(judge(coarse)).toMatchObject([{ fields: { minutes_over: 30 } }]);
  });

  it("of three guests of one node is told once, of two for each", () => {
    const pressed = [101, 102, 103].map((vmid) => aThing([20, 20, 20], vmid));
    const [together, ...more] = judge(...pressed);
    expect(more).toEqual([]);
    expect(together).toMatchObject({ subject: "lab/node/pve1", key: "guests", fields: { guests: 3 } });
    expect(together?.message).toMatch(
      /^All tasks of 3 guests of pve1 waited for I\/O, worst web-101, web-102, web-103;/,
    );
    expect(judge(...pressed.slice(1)).map(({ subject }) => subject)).toEqual(["lab/guest/102~1", "lab/guest/103~1"]);
  });
});

describe("a node", () => {
  const judge = (more: Partial<NodeSigns>) =>
    judgeNode(
      {
        cluster: "lab",
        subject: "lab/node/pve1",
        name: "pve1",
        restartsMs: [],
        fencesMs: [],
        tasks: { ended: 0, failed: 0 },
        memoryFullPercent: null,
        ...more,
      },
      now,
    )[0];

  it("without a sign is no risk; a few failing tasks are none", () => {
    expect(judge({})).toBeUndefined();
    expect(judge({ tasks: { ended: 9, failed: 9 } })).toBeUndefined();
    expect(judge({ tasks: { ended: 100, failed: 19 } })).toBeUndefined();
  });

  it("that restarts by itself is told of, the more the worse, older ones for half", () => {
    expect(judge({ restartsMs: [now - day] })?.severity).toBe("info");
    expect(judge({ restartsMs: [now - day, now - 2 * day] })?.severity).toBe("warning");
    expect(judge({ restartsMs: [now - 9 * day, now - 10 * day] })?.fields["score"]).toBe(2);
    expect(judge({ restartsMs: [now - day], fencesMs: [now - day], memoryFullPercent: 8 })).toMatchObject({
      severity: "critical",
      certainty: "rule",
      message:
        "Node pve1 restarted once without a shutdown (last 2026-05-31), was fenced once (last 2026-05-31) and stood still for want of memory 8 % of the last day within 14 days.",
    });
  });

  it("was started as often as its uptime fell", () => {
    const hour = 3_600_000;
    const uptime = { atMs: [0, hour, 2 * hour, 3 * hour], values: [7200, 10_800, 600, 4200] };
    expect(restartsOf(uptime)).toEqual([3 * hour - 600_000]);
    expect(restartsOf(undefined)).toEqual([]);
  });
});
