import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatAge,
  formatBytes,
  formatBytesOf,
  formatDuration,
  formatRatio,
  formatResolution,
} from "../../src/web/format.ts";

describe("sizes", () => {
  it("uses IEC units with one decimal below a hundred", () => {
    expect([0, 512, 1023, 1024, 15_413_000, 150 * 1024, 2 ** 40].map(formatBytes)).toEqual([
      "0 B",
      "512 B",
      "1023 B",
      "1.0 KiB",
      "14.7 MiB",
      "150 KiB",
      "1.0 TiB",
    ]);
  });

  it("never prints more than four characters of number, so that columns keep their width", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 ** 60, noNaN: true }), (bytes) => {
        const [number = ""] = formatBytes(bytes).split(" ");
        expect(number.length).toBeLessThanOrEqual(4);
      }),
    );
  });

  it("says a shared unit once", () => {
    expect(formatBytesOf(2 ** 30 * 6.7, 2 ** 35)).toBe("6.7 of 32.0 GiB");
    expect(formatBytesOf(2 ** 29, 2 ** 35)).toBe("512 MiB of 32.0 GiB");
  });
});

describe("shares and times", () => {
  it("does not show something as nothing", () => {
    expect([0, 0.0001, 0.005, 0.58, 1.2].map(formatRatio)).toEqual(["0%", "<1%", "1%", "58%", "120%"]);
  });

  it("tells ages in one unit, and a clock ahead of ours as no age", () => {
    expect([-3, 4, 89, 90, 5400, 172_800].map(formatAge)).toEqual(["0 s", "4 s", "89 s", "1 min", "1 h", "2 d"]);
  });

  it("tells durations in two units", () => {
    expect([9, 250, 3600, 11_520, 86_400 * 12 + 10_800].map(formatDuration)).toEqual([
      "9 s",
      "4 min 10 s",
      "1 h",
      "3 h 12 min",
      "12 d 3 h",
    ]);
  });

  it("names resolutions as people say them", () => {
    expect([10, 60, 1800, 3600, 86_400].map(formatResolution)).toEqual([
      "10 s",
      "1-minute",
      "30-minute",
      "1-hour",
      "1-day",
    ]);
  });
});
