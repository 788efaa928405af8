import { describe, expect, it } from "vitest";
import type { Points } from "../../../src/analyse/risk/numbers/points.ts";
import { isNotYet } from "../../../src/analyse/risk/rule.ts";
import { type DiskReading, type ErrorMetric, judgeDisk } from "../../../src/analyse/risk/rules/disk-errors.ts";
import { judgeWear } from "../../../src/analyse/risk/rules/disk-wear.ts";

const day = 86_400_000;
const now = Date.UTC(2026, 5, 1);

/** Twice a day, the newest last. */
const halfDays = (...values: readonly number[]): Points => ({
  atMs: values.map((_, place) => now - (values.length - 1 - place) * (day / 2)),
  values,
});

const aDisk = (counts: Partial<Record<ErrorMetric, Points>>, more: Partial<DiskReading> = {}): DiskReading => ({
  cluster: "lab",
  subject: "lab/node/pve1",
  nodeName: "pve1",
  disk: "lab/disk/pve1:S1",
  key: "S1",
  device: "/dev/sda",
  model: "ST8000",
  type: "hdd",
  verdict: "PASSED",
  failingAttributes: [],
  spare: null,
  criticalWarning: null,
  counts,
  ...more,
});
const judged = (counts: Partial<Record<ErrorMetric, Points>>, more: Partial<DiskReading> = {}) =>
  judgeDisk(aDisk(counts, more), now)[0];
const long = (value: number): number[] => Array.from({ length: 80 }, () => value);

describe("a disk", () => {
  it("without a count and with a good verdict is no risk", () => {
    expect(judged({ reallocated_sectors: halfDays(0, 0, 0) })).toBeUndefined();
  });

  it("with one count that stands still is watched", () => {
    expect(judged({ reallocated_sectors: halfDays(...long(3)) })).toMatchObject({
      severity: "info",
      message: "Disk /dev/sda (ST8000) of pve1 has errors that stand still: 3 reallocated sectors.",
    });
  });

  it("whose count rose within a week is warned of, and the evidence names the series", () => {
    const found = judged({ offline_uncorrectable: halfDays(...long(0), 0, 0, 4) });

    expect(found).toMatchObject({ severity: "warning", certainty: "rule", key: "S1", fields: { due_at_ms: null } });
    expect(found?.message).toContain("offline uncorrectable sectors rose from 0 to 4 within 7 days");
    expect(found?.evidence[0]).toMatchObject({
      series: { id: "lab/disk/pve1:S1", metric: "offline_uncorrectable" },
      numbers: { now: 4, seven_days_ago: 0 },
    });
  });

  it("with two counts is warned of until both have stood still for a month", () => {
    const both = (values: readonly number[]) =>
      judged({ reallocated_sectors: halfDays(...values), pending_sectors: halfDays(...values) })?.severity;

    expect(both([3, 3, 3])).toBe("warning");
    expect(both(long(3))).toBe("info");
  });

  it("that merely did not answer now and then is watched, because cables do that too", () => {
    expect(judged({ reallocated_sectors: halfDays(3), command_timeouts: halfDays(1) })?.severity).toBe("info");
  });

  it("whose pending sectors rise day by day is failing, however they wander within a day", () => {
    expect(judged({ pending_sectors: halfDays(1, 4, 2, 7, 3, 11, 5, 14, 15) })?.severity).toBe("critical");
    expect(judged({ pending_sectors: halfDays(1, 4, 2, 7, 3, 7, 5, 6, 7) })?.severity).toBe("warning");
  });

  it("is failing when it, its table or its controller says so", () => {
    expect(judged({}, { verdict: "FAILED!" })?.message).toContain("is failing: SMART says FAILED.");
    expect(judged({}, { failingAttributes: ["Reallocated_Sector_Ct"] })?.severity).toBe("critical");
    const nvme = { type: "nvme", spare: { percent: 8, threshold: 10 }, criticalWarning: 0b101 };
    expect(judged({}, nvme)?.message).toContain("8 % spare left, below its threshold of 10 %, its spare is below");
    expect(judged({}, { criticalWarning: 0b10 })?.severity).toBe("warning");
    expect(judged({ media_errors: halfDays(0, 0, 2) }, { type: "nvme" })?.severity).toBe("critical");
  });
});

describe("the wear of an SSD", () => {
  const worn = (wear: Points) => judgeWear({ ...aDisk({}), wear, device: "/dev/nvme0n1", model: null }, now);
  /** Whole percents, as PVE tells them. */
  const wearing = (days: number, last: number, perDay: number): Points => ({
    atMs: Array.from({ length: days }, (_, place) => now - (days - 1 - place) * day),
    values: Array.from({ length: days }, (_, place) => Math.floor(last - (days - 1 - place) * perDay)),
  });

  it("needs a month", () => {
    expect(worn(wearing(12, 70, 0.2))).toMatchObject({ reason: "needs 30 days, has 11", readyAt: now + 19 * day });
  });

  it("gives the date at which 10 % are left, with an interval that holds it", () => {
    const found = worn(wearing(120, 80, 0.1));
    if (isNotYet(found)) throw new Error(found.reason);
    const { due_at_ms: due, due_early_ms: early, due_late_ms: late } = found[0]?.fields ?? {};

    expect(found[0]).toMatchObject({ kind: "disk-wear", certainty: "estimate", severity: "info" });
    expect((Number(due) - now) / day).toBeGreaterThan(90);
    expect((Number(due) - now) / day).toBeLessThan(116);
    expect(Number(early)).toBeLessThanOrEqual(Number(due));
    expect(Number(late)).toBeGreaterThanOrEqual(Number(due));
  });

  it("gives none for what does not wear, and calls a worn one worn at once", () => {
    expect(worn(wearing(120, 20, 0))).toEqual([]);
    expect(worn(wearing(2, 93, 0.1))).toMatchObject([{ severity: "warning", certainty: "measured" }]);
  });
});
