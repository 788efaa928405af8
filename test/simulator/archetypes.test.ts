// biome-ignore-all lint/style/noNonNullAssertion: a value that is missing fails the test where it is used.
// What is planted in guests must be found again in the numbers that PVE would show.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Truth } from "../../src/simulator/index.ts";
import { aCluster, type TestCluster } from "./client.ts";

let cluster: TestCluster;
let truth: Truth;
beforeAll(async () => {
  cluster = await aCluster({ nodes: 4, guests: 60 });
  truth = (await cluster.ask("/simulator/truth")).body as unknown as Truth;
});
afterAll(() => cluster.close());

const planted = (archetype: string) => truth.guests.find((guest) => guest.archetype === archetype)!;
type Guest = ReturnType<typeof planted>;
const history = (guest: Guest, timeframe: string) =>
  cluster.rows(`/nodes/${guest.node}/${guest.type}/${guest.vmid}/rrddata?timeframe=${timeframe}`);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("a memory leak", () => {
  it("rises at the planted rate and falls at the planted restart", async () => {
    const guest = planted("memory-leak");
    const leak = guest.memory_leak!;
    const rows = (await history(guest, "month")).filter((row) => "mem" in row);
    const at = (timeS: number): number => rows.find((row) => Number(row["time"]) >= timeS)!.mem;
    const restart = leak.restarts_at_s.filter((time) => time < truth.now_s).at(-1)!;

    const rise = (at(truth.now_s - 3600) - at(restart + 7200)) / ((truth.now_s - restart - 10_800) / 86_400);

    expect(rise / leak.bytes_per_day).toBeGreaterThan(0.85);
    expect(rise / leak.bytes_per_day).toBeLessThan(1.15);
    expect(leak.restarts_at_s.some((time) => time > truth.now_s)).toBe(true);
  });
});

describe("a noisy neighbour", () => {
  it("raises iowait and pressure of its node and of the other guests there, in its hours and in no others", async () => {
    const guest = planted("noisy-neighbour");
    const noisy = guest.noisy!;
    const victim = truth.guests.find(
      (other) => other.node === guest.node && other.vmid !== guest.vmid && other.archetype === "service",
    )!;
    const node = await cluster.rows(`/nodes/${guest.node}/rrddata?timeframe=week`);
    const rows = await history(victim, "week");
    const split = (list: typeof rows, field: string) => {
      const loud: number[] = [];
      const calm: number[] = [];
      for (const row of list) {
        const middle = new Date((Number(row["time"]) - 900) * 1000);
        const hour = middle.getUTCHours();
        const value = row[field];
        if (typeof value !== "number") continue;
        if (hour === noisy.hours_utc[1]) loud.push(value);
        else if (hour < 5) calm.push(value);
      }
      return { loud: mean(loud), calm: mean(calm) };
    };

    const iowait = split(node, "iowait");
    const stalls = split(node, "pressureiosome");
    const ofVictim = split(rows, "pressureiosome");

    expect(iowait.loud - iowait.calm).toBeGreaterThan(0.6 * noisy.iowait);
    expect(stalls.loud).toBeGreaterThan(stalls.calm + 5);
    expect(ofVictim.loud).toBeGreaterThan(ofVictim.calm + 15);
  });
});
