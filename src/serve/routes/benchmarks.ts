// GET /api/v1/benchmarks
import { z } from "zod";
import { type BenchmarkRow, type ClassBenchmarkDocument, classBenchmarkName } from "../../model/class-benchmark.ts";
import { parseEntityId } from "../../model/ids.ts";
import { findMetric } from "../../model/metrics.ts";
import type { Routes } from "../context.ts";
import { isoTime } from "../items/time.ts";
import { addList } from "../lists/list-route.ts";

const BenchmarkItem = z
  .object({
    subject: z.string(),
    name: z.string(),
    cluster: z.string(),
    kind: z.enum(["guest", "node"]),
    metric: z.string(),
    unit: z.string().nullable().describe("ratio where it is a share of the subject's own memory"),
    percentile: z.number().describe("Which percentile of the samples is compared"),
    value: z.number(),
    class: z.string().nullable().describe("null when no class has five members"),
    members: z.number().describe("Members of the class that were measured, the subject among them"),
    rank: z.number().nullable().describe("Share of the others that are lower, ties by half: 0 lowest, 1 highest"),
    class_median: z.number().nullable(),
    past: z.number().nullable().describe("The same four weeks before; null when that is not known"),
    change_ratio: z.number().nullable().describe("value / past − 1"),
    computed_at: z.string().nullable(),
  })
  .meta({ id: "Benchmark" });
type BenchmarkItem = z.infer<typeof BenchmarkItem>;

export const benchmarks: Routes = (app, context) => {
  addList<BenchmarkItem>(app, context, {
    name: "benchmarks",
    summary: "Each node and guest among its class and against itself four weeks ago, furthest from the middle first",
    permission: "analysis:read",
    item: BenchmarkItem,
    items: async (fleet) => {
      const found = await context.analysis.documents.list({ name: classBenchmarkName });
      return found.flatMap(({ at, body }) =>
        (body as ClassBenchmarkDocument).rows.flatMap((row) =>
          fleet.find(row.subject) === undefined ? [] : [benchmarkItem(row, at)],
        ),
      );
    },
    id: ({ subject, metric }) => `${subject} ${metric}`,
    searchable: ({ subject, name, metric, class: of }) => [subject, name, metric, of],
    filters: {
      cluster: ({ cluster }) => [cluster],
      subject: ({ subject }) => [subject],
      kind: ({ kind }) => [kind],
      metric: ({ metric }) => [metric],
      class: ({ class: of }) => [of],
    },
    sortKeys: { distance: ({ rank }) => (rank === null ? null : Math.abs(rank - 0.5)) },
    defaultSort: "-distance,-members,name",
  });
};

function benchmarkItem(row: BenchmarkRow, at: number): BenchmarkItem {
  const { subject, name, kind, metric, share, percentile, value, members, rank, classMedian, past } = row;
  return {
    subject,
    name,
    cluster: parseEntityId(subject)?.cluster ?? "",
    kind,
    metric,
    unit: share ? "ratio" : (findMetric(kind, metric)?.unit ?? null),
    percentile,
    value,
    class: row.class,
    members,
    rank,
    class_median: classMedian,
    past,
    change_ratio: past === null || past === 0 ? null : value / past - 1,
    computed_at: isoTime(at),
  };
}
