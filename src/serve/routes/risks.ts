// GET /api/v1/risks, GET /api/v1/risks/detail, GET /api/v1/risk-watch
import { z } from "zod";
import { NotFoundError } from "../../lib/errors.ts";
import type { HeldFinding } from "../../model/finding.ts";
import { isRiskKind, type RiskWatch, riskKindNames, riskWatchDocument } from "../../model/risks.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { FindingItem, findingItem } from "../items/finding-item.ts";
import { RiskItem, RiskWatchItem, riskItem, riskWatchItem } from "../items/risk-item.ts";
import { addList } from "../lists/list-route.ts";
import { type ScopedFleet, scopedFleet } from "../scoped-fleet.ts";

/** As many past risks as the list looks at. */
const most = 20_000;
const severities = ["critical", "warning", "info"];

const RiskDetail = RiskItem.extend({
  formula: z.string(),
  fields: FindingItem.shape.fields,
  evidence: FindingItem.shape.evidence,
}).meta({ id: "RiskDetail" });

export const risks: Routes = (app, context) => {
  const risksOf = async (fleet: ScopedFleet, gone: boolean): Promise<readonly HeldFinding[]> => {
    if (!gone) return fleet.findings().filter(({ kind }) => isRiskKind(kind));
    const all = await context.findings.list({ kinds: riskKindNames, limit: most });
    return all.filter(({ subject }) => fleet.seesSubject(subject));
  };
  addList<RiskItem>(app, context, {
    name: "risks",
    summary: "What may fail: disks, pools, storages, memory, nodes; worst first, then by date",
    permission: "analysis:read",
    item: RiskItem,
    gone: true,
    items: async (fleet, { gone }) => (await risksOf(fleet, gone)).map(riskItem),
    id: ({ id }) => id,
    searchable: ({ subject, kind, group, message }) => [subject, kind, group, message],
    filters: {
      kind: ({ kind }) => [kind],
      severity: ({ severity }) => [severity],
      certainty: ({ certainty }) => [certainty],
      cluster: ({ cluster }) => [cluster],
      subject: ({ subject }) => [subject],
    },
    sortKeys: { severity: ({ severity }) => severities.indexOf(severity) },
    defaultSort: "severity,due_at",
  });

  app.get(
    "/api/v1/risks/detail",
    {
      config: { permission: "analysis:read" },
      schema: {
        summary: "One risk with its evidence and formula",
        description: "Its life is at `/api/v1/findings/changes`.",
        tags: ["Analysis"],
        querystring: z.strictObject({ id: z.string().max(500) }),
        response: { 200: RiskDetail, ...errorAnswers },
      },
    },
    async (request) => {
      const view = scopedFleet(context.fleet, principalOf(request).scope);
      const finding = await context.findings.find(request.query.id);
      if (finding === undefined || !isRiskKind(finding.kind) || !view.seesSubject(finding.subject)) {
        throw new NotFoundError("There is no such risk.");
      }
      const { formula, fields, evidence } = findingItem(finding);
      return { ...riskItem(finding), formula, fields, evidence };
    },
  );

  addList<RiskWatchItem>(app, context, {
    name: "risk-watch",
    summary: "What is watched for failures, and what has too little data yet",
    permission: "analysis:read",
    item: RiskWatchItem,
    items: async (fleet) => {
      const seen = new Set(
        fleet.analyses().flatMap(({ name, cluster }) => (name === riskWatchDocument ? [cluster] : [])),
      );
      const documents = await context.analysis.documents.list({ name: riskWatchDocument });
      return documents.flatMap(({ cluster, at, body }) =>
        cluster !== null && seen.has(cluster) ? [riskWatchItem(cluster, body as RiskWatch, at)] : [],
      );
    },
    id: ({ cluster, rule }) => `${cluster} ${rule}`,
    searchable: ({ title, summary }) => [title, summary],
    filters: { cluster: ({ cluster }) => [cluster], rule: ({ rule }) => [rule] },
    defaultSort: "cluster,rule",
  });
};
