// Runs the rules of one pace over all clusters.
import type { Finding } from "../../model/finding.ts";
import { type RiskWatch, riskWatchDocument } from "../../model/risks.ts";
import type { JobContext, JobOutcome } from "../job.ts";
import { riskRules } from "./index.ts";
import { ofCluster } from "./of-cluster.ts";
import type { RiskRule, RuleLook } from "./rule.ts";
import { counted } from "./words.ts";

export async function runRules(context: JobContext, pace: RiskRule["pace"]): Promise<JobOutcome> {
  const rules = riskRules.filter((rule) => rule.pace === pace);
  const clusters = context.fleet.list("cluster").map(({ entity }) => entity.cluster);
  const findings: Finding[] = [];
  const documents: NonNullable<JobOutcome["documents"]>[number][] = [];
  let done = 0;
  for (const cluster of clusters) {
    const own = ofCluster(context, cluster);
    for (const rule of rules) {
      const look = await rule.look(own);
      findings.push(...look.findings);
      documents.push({ name: riskWatchDocument, cluster, key: rule.id, body: watchOf(rule, look) });
      context.progress(++done, clusters.length * rules.length);
    }
  }
  return { summary: summaryOf(findings, documents.length, clusters.length), findings, documents };
}

const watchOf = ({ id, title, summary, kinds }: RiskRule, look: RuleLook): RiskWatch => ({
  rule: id,
  title,
  summary,
  kinds,
  watched: look.watched,
  waiting: look.waiting,
  waitingFor: look.waitingFor,
  readyAt: look.readyAt,
});

function summaryOf(findings: readonly Finding[], looks: number, clusters: number): string {
  const urgent = findings.filter(({ severity }) => severity !== "info").length;
  return `${counted(findings.length, "risk")}, ${urgent} of them urgent, by ${counted(looks, "look")} at ${counted(clusters, "cluster")}`;
}
