// Questions have a deadline and wait for one another.
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, it } from "vitest";
import { LimitError } from "../../src/lib/errors.ts";
import { QueryLane } from "../../src/store/drivers/duckdb/query-lane.ts";

const endless = "SELECT sum(a.range * b.range + c.range) FROM range(1000000) a, range(1000000) b, range(1000) c";

it("stops a question at its deadline, names the limit, and answers the next one", async () => {
  const instance = await DuckDBInstance.create();
  const lane = await QueryLane.open(instance, 150);

  const stopped = await Promise.allSettled([1, 2, 3].map(async () => lane.run(async (c) => c.run(endless))));
  const next = await lane.run(async (c) => (await c.runAndReadAll("SELECT 42")).getRows());

  for (const result of stopped) {
    expect(result.status === "rejected" && result.reason).toBeInstanceOf(LimitError);
    expect(String(result.status === "rejected" && result.reason)).toContain("longer than 0.15 s");
  }
  expect(next).toEqual([[42]]);
  await lane.close();
  instance.closeSync();
});
