// How much more each cluster can take, for how long, and which of its nodes may fail.
import type { CapacityDocument } from "../../model/capacity.ts";
import type { ClusterId } from "../../model/ids.ts";
import { capacityFindings } from "../capacity/capacity-findings.ts";
import { capacityRows } from "../capacity/capacity-rows.ts";
import { capacityDocument } from "../capacity/cluster-capacity.ts";
import { measureCluster } from "../capacity/cluster-data.ts";
import { committedChanges, savedScenarios } from "../capacity/scenarios.ts";
import { defineJob, type JobContext, type JobOutcome } from "../job.ts";

export const capacity = defineJob({
  id: "capacity",
  summary: "Says how much more each cluster can take, for how long, and which nodes may fail",
  schedule: "23 * * * *",
  timeLimitMs: 600_000,
  async run(context) {
    const clusters = context.fleet.list("cluster").map(({ entity }) => entity.cluster);
    const outcomes: ClusterOutcome[] = [];
    for (const [done, cluster] of clusters.entries()) {
      context.progress(done, clusters.length);
      outcomes.push(await capacityOf(context, cluster));
    }
    return {
      summary: summaryOf(outcomes),
      findings: outcomes.flatMap(({ findings }) => findings),
      documents: outcomes.flatMap(({ documents }) => documents),
      rows: outcomes.flatMap(({ rows }) => rows),
    };
  },
});

interface ClusterOutcome extends Required<Pick<JobOutcome, "findings" | "documents" | "rows">> {
  readonly document: CapacityDocument;
}

async function capacityOf(context: JobContext, cluster: ClusterId): Promise<ClusterOutcome> {
  const { input, outlook, needs } = await measureCluster(context, cluster);
  const saved = await savedScenarios(context.documents, cluster);
  const { changes, ...scenarios } = committedChanges(input.model, saved.values(), context.nowMs);
  const document = capacityDocument(input, { committed: changes, asked: [] }, scenarios);
  const of = (name: string, body: unknown) => ({ name, cluster, key: "", body });
  return {
    document,
    findings: capacityFindings(cluster, document),
    documents: [of("capacity", document), of("capacity-outlook", outlook), of("capacity-needs", needs)],
    rows: capacityRows(cluster, document, context.nowMs),
  };
}

function summaryOf(outcomes: readonly ClusterOutcome[]): string {
  const failures = outcomes.flatMap(({ document }) => document.failures);
  const bad = failures.filter(({ verdict }) => verdict === "no").length;
  return `${failures.length} nodes of ${outcomes.length} clusters judged; ${bad} may not fail`;
}
