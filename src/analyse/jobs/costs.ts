// What everything costs: hour by hour into the running day, which is closed when it is over, as months are.
import type { AnalysisDocument } from "../../model/analysis.ts";
import type { ClusterAnalysisSettings } from "../../model/analysis-settings.ts";
import type { Row } from "../../model/batch.ts";
import { costDocuments } from "../../model/cost-ledger.ts";
import type { Finding } from "../../model/finding.ts";
import { attribute } from "../cost/attribution.ts";
import { type Bookkeeping, keepLedger } from "../cost/bookkeeping.ts";
import { conflictFindings } from "../cost/conflicts.ts";
import { costRows } from "../cost/scope-rows.ts";
import { defineJob, type JobContext } from "../job.ts";

export const costs = defineJob({
  id: "costs",
  summary: "Computes what guests, pools and tags cost, and closes days and months",
  schedule: "23 * * * *",
  timeLimitMs: 600_000,
  async run(context) {
    const documents: Omit<AnalysisDocument, "at">[] = [];
    const findings: Finding[] = [];
    const rows: Row[] = [];
    const sentences: string[] = [];
    for (const cluster of context.settings.clusters) {
      findings.push(...conflictsOf(context, cluster));
      const book = await bookOf(context, cluster);
      if (book === null) {
        if (isPriced(cluster)) sentences.push(`${cluster.name}: waits for samples, or for PVE's own history to be in`);
        continue;
      }
      documents.push(...documentsOf(cluster.id, book));
      rows.push(...book.days.flatMap((day) => (day.state === "closed" ? costRows(cluster.id, day) : [])));
      sentences.push(sentenceOf(cluster, book));
    }
    const summary =
      sentences.length === 0 ? "No rates are entered, so there is nothing to compute" : sentences.join("; ");
    return { summary, documents, findings, rows };
  },
});

async function bookOf(
  context: JobContext,
  { id, costModel = null }: ClusterAnalysisSettings,
): Promise<Bookkeeping | null> {
  return costModel === null || costModel.tariffs.length === 0 ? null : await keepLedger(context, id, costModel);
}

const isPriced = ({ costModel = null }: ClusterAnalysisSettings): boolean => (costModel?.tariffs.length ?? 0) > 0;

function documentsOf(cluster: string, { state, days, months }: Bookkeeping): Omit<AnalysisDocument, "at">[] {
  return [
    ...days.map((body) => ({ name: costDocuments.day, cluster, key: body.period, body })),
    ...months.map(({ key, body }) => ({ name: costDocuments.month, cluster, key, body })),
    { name: costDocuments.state, cluster, key: "", body: state },
  ];
}

function sentenceOf({ name }: ClusterAnalysisSettings, { days, months, state }: Bookkeeping): string {
  const closed = days.filter((day) => day.state === "closed").length;
  const history = state.backfilledAt === null ? `, history computed up to ${state.openFrom}` : "";
  return `${name}: ${days.length} days looked at, ${closed} closed, ${months.length} months closed${history}`;
}

function conflictsOf({ fleet }: JobContext, { id, costModel = null }: ClusterAnalysisSettings): Finding[] {
  if (costModel === null) return [];
  const attributions = new Map(
    fleet
      .list("guest")
      .flatMap(({ entity }) =>
        entity.kind === "guest" && entity.cluster === id
          ? [[entity.id, attribute(costModel.attribution, entity)] as const]
          : [],
      ),
  );
  return conflictFindings(attributions, fleet);
}
