// The store in its worker thread, as the application and the collector's thread use it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { InputError, LimitError, StoreError } from "../../src/lib/errors.ts";
import { silentLog } from "../../src/lib/log.ts";
import { encodeBatch } from "../../src/model/batch-codec.ts";
import type { RaisedProblem } from "../../src/model/problem.ts";
import type { MetricsStore, RangeQuery } from "../../src/model/store.ts";
import { openStore, type StoreControl, storeClient } from "../../src/store/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { aBatch, aRow, hour, samples, t0 } from "./build.ts";

async function open(dataDir: string, raised: RaisedProblem[] = []): Promise<MetricsStore & StoreControl> {
  const problems = { raise: (problem: RaisedProblem) => void raised.push(problem), clear: () => undefined };
  const store = await openStore({ dataDir, log: silentLog, problems });
  onTestFinished(async () => store.close());
  return store;
}

const query: RangeQuery = {
  ids: ["demo/guest/100~1"],
  metric: "cpu_ratio",
  aggregation: "sum",
  fromMs: t0,
  toMs: t0 + hour,
  stepMs: hour,
};

describe("the store in its thread", () => {
  it("takes batches from this thread and over a port, and answers for both", async () => {
    const store = await open(temporaryDirectory());
    const client = storeClient(store.port());
    await store.append(aBatch(samples(2, t0, () => 1)));
    await client.append(
      aBatch(
        samples(2, t0 + 60_000, () => 10),
        { marks: { "export/pve1": 3 } },
      ),
    );
    const encoded = encodeBatch(aBatch(samples(1, t0 + 120_000, () => 100)));
    await client.appendEncoded(encoded);

    const result = await store.range(query);

    expect(result.frames[0]).toEqual({
      id: query.ids[0],
      timeMs: [t0],
      values: [122],
      resolutionS: [3600],
      origins: ["export"],
    });
    expect(encoded.byteLength).toBe(0);
    expect(await client.marks("demo")).toEqual({ "export/pve1": 3 });
    expect(await store.latest("guest", t0)).toHaveLength(1);
    client.close();
  });

  it("runs its jobs and says in one sentence what they did", async () => {
    const store = await open(temporaryDirectory());
    await store.append(aBatch(samples(60)));

    expect(await store.jobs.rollup(t0 + hour)).toMatch(/^Rolled up \d+ windows and counted \d+ hours into sketches\.$/);
    expect(await store.jobs.tidy(t0 + hour)).toBe("Sorted 0 stretches by series and moved 0 days into Parquet files.");
    expect(await store.jobs.checkpoint()).toMatch(/^Checkpointed up to record 1; 0 journal segments removed\.$/);
    expect(await store.jobs.retention(t0)).toBe("Removed 0 rows that were older than their tier is kept.");
    expect(await store.jobs.retention(t0 + 20 * 24 * hour)).toMatch(/^Removed 60 rows/);
    expect((await store.range({ ...query, stepMs: 300_000 })).frames[0]?.values).toHaveLength(2);
  });

  it("does not let a late row replace a roll-up whose samples the retention has removed", async () => {
    const store = await open(temporaryDirectory());
    const later = t0 + 20 * 24 * hour;
    await store.append(aBatch(samples(30, t0, () => 1)));
    await store.jobs.rollup(t0 + hour);
    await store.jobs.retention(later);
    await store.append(aBatch([aRow({ ts: t0 + 5_000, values: { cpu_ratio: 500 } })]));
    await store.jobs.rollup(later);
    await store.jobs.retention(later);

    expect((await store.range({ ...query, stepMs: 300_000 })).frames[0]?.values).toEqual([30]);
  });

  it("keeps the class of errors across threads, so that they mean the same there", async () => {
    const store = await open(temporaryDirectory());

    await expect(store.range({ ...query, metric: "nonsense" })).rejects.toThrow(InputError);
    await expect(store.range({ ...query, ids: Array.from({ length: 201 }, () => "demo/cluster") })).rejects.toThrow(
      LimitError,
    );
  });

  it("has everything after close and open, and refuses batches once closed", async () => {
    const directory = temporaryDirectory();
    const store = await open(directory);
    const client = storeClient(store.port());
    await store.append(aBatch(samples(5, t0, () => 1)));
    await store.close();

    await expect(store.append(aBatch(samples(1)))).rejects.toThrow(StoreError);
    await expect(client.append(aBatch(samples(1)))).rejects.toThrow("The store is closed.");
    expect((await (await open(directory)).range(query)).frames[0]?.values).toEqual([5]);
  });

  it("raises a problem when it had to put a damaged database aside", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "metrics.duckdb"), "not a database\n".repeat(1000));
    const raised: RaisedProblem[] = [];

    const store = await open(directory, raised);

    expect((await store.stats()).degraded).toBe(true);
    expect(raised).toMatchObject([{ code: "store_degraded", subject: "pilothouse", severity: "critical" }]);
    expect(raised[0]?.message).toContain(join(directory, "metrics.duckdb.corrupt-"));
  });

  it("fails to open with the class and the sentence of the reason", async () => {
    const file = join(temporaryDirectory(), "a-file");
    writeFileSync(file, "");

    await expect(open(join(file, "data"))).rejects.toThrow(StoreError);
  });
});
