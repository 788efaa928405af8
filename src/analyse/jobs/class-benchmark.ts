// Compares every node and guest with its class and with itself four weeks ago, once a day, and tells who stands out.
import { classBenchmarkName } from "../../model/class-benchmark.ts";
import { benchmarkOf } from "../benchmark/class-benchmark.ts";
import { outlierFindings } from "../benchmark/outliers.ts";
import { defineJob } from "../job.ts";

export const classBenchmark = defineJob({
  id: "class-benchmark",
  summary: "Compares nodes and guests with their class and with themselves four weeks ago",
  schedule: "23 2 * * *",
  timeLimitMs: 300_000,
  async run(context) {
    const clusters = context.fleet.list("cluster").map(({ entity }) => entity.cluster);
    const documents = [];
    const findings = [];
    for (const cluster of clusters) {
      const body = await benchmarkOf(context, cluster);
      documents.push({ name: classBenchmarkName, cluster, key: "", body });
      findings.push(...outlierFindings({ cluster, ...body }));
    }
    const rows = documents.reduce((sum, { body }) => sum + body.rows.length, 0);
    return { summary: `${rows} values compared, ${findings.length} stand out`, documents, findings };
  },
});
