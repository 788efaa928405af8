// The contract, over every sink that there is.
import { expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { DuckDbDriver } from "../../src/store/drivers/duckdb/duckdb-driver.ts";
import { unpackResult } from "../../src/store/frames.ts";
import { defaultRetention } from "../../src/store/retention.ts";
import { EmbeddedSink } from "../../src/store/sinks/embedded-sink.ts";
import { sinkKinds } from "../../src/store/sinks/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { day, t0 } from "./build.ts";
import { FakeSink } from "./fake-sink.ts";
import { sinkContract } from "./sink-contract.ts";

sinkContract("duckdb", { repeatsBy: "batch" }, async () => {
  const directory = temporaryDirectory();
  const driver = await DuckDbDriver.open({
    path: `${directory}/metrics.duckdb`,
    memoryLimit: "96MB",
    temporaryDirectory: `${directory}/tmp`,
    parquetDirectory: `${directory}/raw`,
    queryDeadlineMs: 20_000,
    retention: defaultRetention,
  });
  // The rows are of a day in the past, which the retention must not count as gone.
  const sink = new EmbeddedSink(() => driver, { ...systemClock, now: () => t0 + day });
  return {
    sink,
    read: async (id) => {
      const query = { ids: [id], metric: "cpu_ratio", fromMs: t0 - day, toMs: t0 + day, stepMs: 0 };
      const { frames } = unpackResult(await driver.range({ ...query, aggregation: "avg" }));
      const sums = unpackResult(await driver.range({ ...query, aggregation: "sum", stepMs: 10_000 })).frames[0];
      const points = (frames[0]?.timeMs ?? []).map((ts, i) => [ts, frames[0]?.values[i] ?? Number.NaN] as const);
      // A twin is shown once, but summed up twice.
      return points.flatMap(([ts, value], i) =>
        sums?.values[i] === value ? [[ts, value] as const] : [[ts, value] as const, [ts, value] as const],
      );
    },
    close: async () => driver.close(),
  };
});

sinkContract("the fake of the tests", { repeatsBy: "row" }, async () => {
  const sink = new FakeSink();
  return {
    sink,
    read: async (id) =>
      [...sink.rows.values()]
        .filter((row) => row.id === id)
        .map(({ ts, values }) => [ts, values["cpu_ratio"] ?? Number.NaN] as const)
        .sort(([a], [b]) => a - b),
    close: async () => sink.close(),
  };
});

it("has every kind once in the registry", () => {
  const names = sinkKinds.map(({ kind }) => kind);

  expect(new Set(names).size).toBe(names.length);
  expect(names).not.toContain("duckdb");
});
