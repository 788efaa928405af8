import { expect, it } from "vitest";
import { slightness } from "../../../src/analyse/anomaly-watch/tell.ts";
import { formatValue, watchedMetric } from "../../../src/analyse/anomaly-watch/watched-metrics.ts";

const tebibyte = 2 ** 40;
const told = (value: number, expected: number) => ({
  reason: "jump" as const,
  ...{ fromMs: 0, noticedMs: 0, score: 0.9, value, expected, low: expected, high: expected },
});
const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("expected a value");
  return value;
};

it("keeps a storage of terabytes quiet about some gigabytes, and a small one not", () => {
  const used = must(watchedMetric("storage", "used_bytes"));

  expect(slightness(used, told(3.34 * tebibyte, 3.32 * tebibyte))?.cause).toBe("slight");
  expect(slightness(used, told(3.6 * tebibyte, 3.3 * tebibyte))).toBeNull();
  expect(slightness(used, told(0.05 * tebibyte, 0.03 * tebibyte))).toBeNull();
});

it("shows three digits, so that two values that differ look different", () => {
  const used = must(watchedMetric("storage", "used_bytes"));

  expect(formatValue(used, 3.34 * tebibyte)).toBe("3.34 TiB");
  expect(formatValue(used, 33.4 * tebibyte)).toBe("33.4 TiB");
  expect(formatValue(used, 334 * 2 ** 30)).toBe("334 GiB");
});
