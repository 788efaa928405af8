// What an earlier release has left on the disk, killed in the middle of its work, opened by this one.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { openState } from "../../src/store/state/index.ts";
import { type EngineStore, engineStore, forEver } from "../store/build.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

interface Told {
  readonly id: string;
  readonly field: string;
  readonly from: string;
  readonly to: string;
  /** Seconds. */
  readonly step: number;
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
}

const fixture = (file: string): string => fileURLToPath(new URL(`../fixtures/data-of-0.1.0/${file}`, import.meta.url));
const told = (JSON.parse(readFileSync(fixture("told.json"), "utf8")) as { series: Told[] }).series;

describe("a data directory of release 0.1.0", () => {
  let dataDir: string;
  let store: EngineStore;
  beforeAll(async () => {
    const directory = temporaryDirectory();
    execFileSync("tar", ["xzf", fixture("data.tar.gz"), "-C", directory]);
    dataDir = join(directory, "data");
    store = await engineStore(dataDir, { retention: forEver });
  });
  afterAll(async () => store.close());

  const answersAsBefore = async (): Promise<void> => {
    for (const { id, field, from, to, step, time, value } of told) {
      const query = { ids: [id], metric: field, fromMs: Date.parse(from), toMs: Date.parse(to), stepMs: step * 1000 };
      const { frames } = await store.range({ ...query, aggregation: "avg" });
      const [frame] = frames;
      const label = `${id} ${field} every ${step} s`;
      expect(frame?.timeMs, label).toEqual(time);
      for (const [index, before] of value.entries()) {
        if (before === null) expect(frame?.values[index], label).toBeNull();
        else expect(frame?.values[index], label).toBeCloseTo(before, before > 1000 ? 3 : 12);
      }
    }
  };

  it("answers every question as it did before: samples, those in the journal alone, and a year of history", async () => {
    expect(told.reduce((points, { time }) => points + time.length, 0)).toBeGreaterThan(1_900);
    await answersAsBefore();
    expect(store.events.filter(({ event }) => event === "raise")).toEqual([]);
  });

  it("still does after everything was rolled up, laid in order, moved into Parquet files and checkpointed", async () => {
    const later = Date.parse("2026-11-27T00:00:00Z");
    await store.rollup(later);
    await store.tidy(later);
    await store.engine.checkpoint();

    await answersAsBefore();
  });

  it("keeps what is known of the fleet", async () => {
    const state = await openState({ path: join(dataDir, "state.db"), clock: systemClock });
    const entities = await state.entities.load("demo");

    expect(entities.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["demo/cluster", "demo/node/pve1", "demo/guest/100~1", "demo/storage/@nfs-backup"]),
    );
    await state.close();
  });
});
