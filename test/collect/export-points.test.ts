import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Drops } from "../../src/collect/drops.ts";
import { gatherPoints, layouts, positionOf } from "../../src/collect/export-points.ts";
import { exportColumns } from "../../src/pve/index.ts";

const t0 = 1_760_000_000;
const point = (id: string, metric: string, value: unknown, timestamp: unknown = t0) => ({
  id,
  metric,
  timestamp,
  type: "gauge",
  value,
});

/** Samples with their own values, as a reader of a test wants them. */
function gathered(points: readonly unknown[], drops: Drops) {
  const { samples, values } = gatherPoints(exportColumns(points), drops);
  return samples.map(({ id, kind, ts, offset }) => ({
    id,
    ts,
    values: values.slice(offset, offset + layouts[kind].length),
  }));
}

describe("gathering the points of an export", () => {
  it("makes one sample per thing and moment", () => {
    const samples = gathered(
      [
        point("node/pve1", "cpu_current", 0.5),
        point("node/pve1", "mem_used", 1024),
        point("qemu/100", "cpu_current", 0.1),
        point("qemu/100", "cpu_current", 0.2, t0 + 10),
      ],
      new Drops(),
    );

    expect(samples.map(({ id, ts }) => [id, ts])).toEqual([
      ["node/pve1", t0 * 1000],
      ["qemu/100", t0 * 1000],
      ["qemu/100", (t0 + 10) * 1000],
    ]);
    expect(samples[0]?.values[positionOf("node", "mem_used_bytes")]).toBe(1024);
  });

  it("leaves what was not measured absent, which is not 0", () => {
    const [sample] = gathered([point("qemu/100", "uptime", 0)], new Drops());

    expect(sample?.values[positionOf("guest", "uptime_seconds")]).toBe(0);
    expect(sample?.values[positionOf("guest", "cpu_ratio")]).toBeNaN();
  });

  it("counts points that cannot be used, and keeps the others", () => {
    const drops = new Drops();
    const samples = gathered(
      [
        null,
        "text",
        point("qemu/100", "cpu_current", 0.5, "now"),
        point("qemu/100", "cpu_current", 0.5, 12),
        point("qemu/100", "cpu_current", "NaN"),
        point("qemu/100", "mem_used", -1),
        point("qemu/100", "flux_capacitor", 1.21),
        point("cloud/7", "cpu_current", 0.5),
        point("qemu/100", "cpu_max", "4"),
      ],
      drops,
    );

    expect(samples).toHaveLength(1);
    expect(samples[0]?.values[positionOf("guest", "cpu_count")]).toBe(4);
    expect(drops.counts).toEqual({
      "malformed point": 4,
      "not a number": 1,
      "out of range": 1,
      "unknown metric": 1,
      "unknown kind": 1,
    });
  });

  it("gives the same samples in whatever order the points come", () => {
    const points = [0, 10, 20].flatMap((dt) =>
      ["qemu/100", "lxc/101"].flatMap((id) =>
        ["uptime", "cpu_current", "mem_used"].map((metric, n) => point(id, metric, dt + n + 1, t0 + dt)),
      ),
    );
    const sorted = gathered(points, new Drops());
    const key = (samples: typeof sorted) => samples.map((s) => JSON.stringify([s.id, s.ts, [...s.values]])).sort();
    fc.assert(
      fc.property(fc.shuffledSubarray(points, { minLength: points.length }), (shuffled) => {
        expect(key(gathered(shuffled, new Drops()))).toEqual(key(sorted));
      }),
    );
  });
});
