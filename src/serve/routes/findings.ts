// GET /api/v1/findings, GET /api/v1/findings/changes, GET /api/v1/analyses
import { z } from "zod";
import { NotFoundError } from "../../lib/errors.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { isoTime } from "../items/time.ts";
import { addFindingList } from "../lists/finding-list.ts";
import { addList } from "../lists/list-route.ts";
import { scopedFleet } from "../scoped-fleet.ts";

const time = z.string().nullable().describe("ISO 8601, UTC");

const FindingChangeItem = z
  .object({
    at: time,
    change: z.enum(["opened", "changed", "resolved"]),
    severity: z.enum(["info", "warning", "critical"]),
    message: z.string(),
  })
  .meta({ id: "FindingChange" });

const AnalysisItem = z
  .object({
    name: z.string(),
    cluster: z.string().nullable().describe("null: of the whole fleet"),
    at: time.describe("When it was computed"),
  })
  .meta({ id: "Analysis" });
type AnalysisItem = z.infer<typeof AnalysisItem>;

export const findings: Routes = (app, context) => {
  addFindingList(app, context, { name: "findings", summary: "What analysis concludes, worst first" });
  addList<AnalysisItem>(app, context, {
    name: "analyses",
    summary: "Which results of analysis there are, and how old they are",
    permission: "analysis:read",
    item: AnalysisItem,
    items: (fleet) => fleet.analyses().map(({ name, cluster, at }) => ({ name, cluster, at: isoTime(at) })),
    id: ({ name, cluster }) => `${name} ${cluster}`,
    searchable: ({ name, cluster }) => [name, cluster],
    filters: { name: ({ name }) => [name], cluster: ({ cluster }) => [cluster] },
    defaultSort: "name",
  });
  app.get(
    "/api/v1/findings/changes",
    {
      config: { permission: "analysis:read" },
      schema: {
        summary: "The life of one finding, newest first",
        tags: ["Analysis"],
        querystring: z.strictObject({
          id: z.string().max(500),
          limit: z.coerce.number().int().min(1).max(1_000).default(200),
        }),
        response: { 200: z.object({ items: z.array(FindingChangeItem), next: z.null() }), ...errorAnswers },
      },
    },
    async (request) => {
      const { id, limit } = request.query;
      const view = scopedFleet(context.fleet, principalOf(request).scope);
      const finding = await context.findings.find(id);
      if (finding === undefined || !view.seesSubject(finding.subject))
        throw new NotFoundError("There is no such finding.");
      const changes = await context.findings.changes(id, limit);
      const items = changes.map(({ at, change, severity, message }) => ({
        at: isoTime(at),
        change,
        severity,
        message,
      }));
      return { items, next: null };
    },
  );
};
