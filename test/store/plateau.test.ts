// Weeks in a few seconds: with everything kept as long as it is kept, the files stop growing.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { blocksFromRows, type Row } from "../../src/model/batch.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { aBatch, engineStore, minute, t0 } from "./build.ts";

const day = 86_400_000;
const days = 26;
const guests = 20;

const bytesIn = (directory: string): number =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(directory, name)))
    .reduce((sum, found) => sum + (found.isFile() ? found.size : 0), 0);

/** Values that do not compress, so that a leak could not hide. */
const noise = (seed: number): number => {
  const value = Math.sin(seed) * 43_758.5453;
  return value - Math.floor(value);
};

function rowsOfDay(number: number): Row[] {
  const begin = t0 + number * day;
  return Array.from({ length: 96 * guests }, (_, i) => ({
    id: `demo/guest/${100 + (i % guests)}~1`,
    ts: begin + Math.floor(i / guests) * 15 * minute,
    stepS: 60,
    origin: "export" as const,
    node: "pve1",
    values: { cpu_ratio: noise(number * 1e5 + i), mem_used_bytes: Math.floor(1e10 * noise(i - number * 1e5)) },
  }));
}

it("the files stop growing once every tier is as old as it is kept", { timeout: 180_000 }, async () => {
  const directory = temporaryDirectory();
  const retention = { rawDays: 3, fiveMinuteDays: 5, hourDays: 8 };
  const store = await engineStore(directory, { retention, segmentBytes: 2 ** 20 });
  const sizes: number[] = [];
  for (let number = 0; number < days; number++) {
    const blocks = blocksFromRows(() => "guest", rowsOfDay(number));
    await store.append(aBatch([], { blocks }));
    const now = t0 + (number + 1) * day + 10 * minute;
    await store.rollup(now);
    await store.tidy(now);
    await store.engine.retention(now);
    await store.engine.checkpoint();
    sizes.push(bytesIn(directory));
  }
  await store.close();

  const largest = (from: number, to: number): number => Math.max(...sizes.slice(from, to));
  // Sketches are kept for ever, and are all that may grow: a few bytes per guest, metric and day.
  const sketches = 10 * guests * 2 * 1_000;
  expect(largest(20, 26), sizes.map((bytes) => (bytes / 1e6).toFixed(1)).join(" ")).toBeLessThanOrEqual(
    largest(10, 16) * 1.05 + sketches,
  );
});
