import { describe, expect, it } from "vitest";
import { estimateDisk } from "../../src/model/disk-estimate.ts";

const kept = { rawDays: 14, fiveMinuteDays: 90, hourlyDays: 730 };
const hundred = { guest: 100, node: 0, storage: 0 };

describe("the disk that history needs", () => {
  it("grows with the things watched, the days kept and the pace of the samples", () => {
    const once = estimateDisk(hundred, kept);

    expect(estimateDisk({ ...hundred, guest: 200 }, kept).totalBytes).toBeCloseTo(2 * once.totalBytes, 3);
    expect(estimateDisk(hundred, { ...kept, hourlyDays: 1460 }).hourlyBytes).toBeCloseTo(2 * once.hourlyBytes, 3);
    expect(estimateDisk(hundred, kept, 20).parquetBytes).toBeCloseTo(once.parquetBytes / 2, 3);
    expect(estimateDisk({ ...hundred, node: 10 }, kept).totalBytes).toBeGreaterThan(once.totalBytes);
  });

  it("is the sum of its parts, and some one and a half gigabytes for a hundred guests as shipped", () => {
    const { totalBytes, ...parts } = estimateDisk(hundred, kept);

    expect(totalBytes).toBe(Object.values(parts).reduce((a, b) => a + b, 0));
    expect(totalBytes / 2 ** 30).toBeGreaterThan(1);
    expect(totalBytes / 2 ** 30).toBeLessThan(2);
  });

  it("keeps everything hot when less than two days are kept", () => {
    expect(estimateDisk(hundred, { ...kept, rawDays: 1 })).toMatchObject({
      parquetBytes: 0,
      hotBytes: 100 * 8640 * 64,
    });
  });
});
