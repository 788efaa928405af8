import { expect, it } from "vitest";
import type { BenchmarkRow } from "../../src/model/class-benchmark.ts";
import { noAnalysis } from "./no-analysis.ts";
import { aServer, start } from "./serve-fixture.ts";

const row = (more: Partial<BenchmarkRow> & Pick<BenchmarkRow, "subject">): BenchmarkRow => ({
  name: "web",
  kind: "guest",
  metric: "cpu_ratio",
  share: false,
  percentile: 0.95,
  value: 0.6,
  class: "VMs named web-*",
  members: 9,
  rank: 1,
  classMedian: 0.2,
  past: 0.4,
  ...more,
});
const rows = [
  row({ subject: "lab/guest/101~1", rank: 0.5, past: null }),
  row({ subject: "lab/guest/100~1" }),
  row({ subject: "lab/node/pve1", kind: "node", class: null, rank: null }),
];
const list = async ({ name }: { readonly name: string }) =>
  name === "class-benchmark" ? [{ name, cluster: "lab", key: "", at: start, body: { rows } }] : [];

it("GET /api/v1/benchmarks lists who is furthest from the middle of its class first, to those who see it", async () => {
  const server = await aServer({ deps: { analysis: { ...noAnalysis, documents: { list } } } });
  const items = async (query: string, scope = {}) => {
    const headers = await server.token("viewer", scope);
    const answer = await server.app.inject({ url: `/api/v1/benchmarks${query}`, headers });
    return answer.json<{ items: { subject: string; change_ratio: number | null }[] }>().items;
  };
  const subjects = async (query: string, scope = {}) => (await items(query, scope)).map(({ subject }) => subject);

  expect(await subjects("")).toEqual(["lab/guest/100~1", "lab/guest/101~1", "lab/node/pve1"]);
  expect((await items(""))[0]?.change_ratio).toBeCloseTo(0.5);
  expect((await items(""))[1]?.change_ratio).toBeNull();
  expect(await subjects("?kind=node")).toEqual(["lab/node/pve1"]);
  expect(await subjects("", { tags: ["db"] })).toEqual(["lab/guest/101~1"]);
});
