// GET /api/v1/trends: what grows, and how fast, by a straight line through each series.
import { z } from "zod";
import { type TrendRow, tiers } from "../../model/store.ts";
import type { App, Routes, ServeContext } from "../context.ts";
import { errorAnswers, jsonOrCsv } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { acceptsCsv } from "../lists/accepts-csv.ts";
import { csvOf, sendCsvFile } from "../lists/csv.ts";
import { scopedFleet } from "../scoped-fleet.ts";
import { fleetQueryShape, metricOfKind, planFleet } from "../series/fleet-query.ts";
import { QueryBudget } from "../series/query-budget.ts";

const Trend = z
  .object({
    id: z.string(),
    slope_per_day: z.number().describe("Slope of the least-squares line, in the field's unit per day"),
    growth: z.number().describe("What the line rises by between the first and the last point"),
    mean: z.number(),
    points: z.number(),
    first: z.number().describe("Milliseconds since the epoch"),
    last: z.number(),
  })
  .meta({ id: "Trend" });
type Trend = z.infer<typeof Trend>;

const TrendsAnswer = z
  .object({
    field: z.string(),
    unit: z.string(),
    from: z.number(),
    to: z.number(),
    tier: z.enum(tiers).describe("The points that the lines were fitted to"),
    exact: z.boolean().describe("False when some of the points were averages of Proxmox VE"),
    trends: z.array(Trend).describe("Most growth first"),
  })
  .meta({ id: "Trends" });

const TrendsQuery = z.strictObject({
  ...fleetQueryShape,
  field: z.string().max(100).describe("A metric of the catalogue"),
  top: z.coerce.number().int().min(1).max(1_000).default(20).describe("Only so many, those that grow most"),
});

export const trends: Routes = (app: App, context: ServeContext) => {
  const { limits, store, clock, fleet } = context;
  const budget = new QueryBudget({
    concurrent: limits.concurrentQueries,
    waiting: limits.waitingQueries,
    timeoutMs: limits.queryTimeoutMs,
  });
  app.get(
    "/api/v1/trends",
    {
      config: { permission: "series:read" },
      schema: {
        summary: "What grows most",
        description: "A straight line through each series by least squares. With `Accept: text/csv` as a table.",
        tags: ["Series"],
        querystring: TrendsQuery,
        response: {
          200: jsonOrCsv("The lines, steepest growth first", TrendsAnswer),
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const plan = planFleet(query, scopedFleet(fleet, principalOf(request).scope), clock.now());
      const { id, unit } = metricOfKind(query.kind, query.field);
      const found =
        plan.ids.length === 0
          ? { tier: "raw" as const, exact: true, rows: [] }
          : await budget.run(() => store.trend({ ...plan, metric: id, top: query.top }));
      const lines = found.rows.map(trendItem);
      if (acceptsCsv(request)) {
        return sendCsvFile(reply, "trends", trendsCsv(lines));
      }
      const { tier, exact } = found;
      return reply.send({ field: id, unit, from: plan.fromMs, to: plan.toMs, tier, exact, trends: lines });
    },
  );
};

const trendItem = ({ id, slopePerDay, growth, mean, points, firstMs, lastMs }: TrendRow): Trend => ({
  id,
  slope_per_day: slopePerDay,
  growth,
  mean,
  points,
  first: firstMs,
  last: lastMs,
});

function trendsCsv(lines: readonly Trend[]): string {
  const columns = Object.keys(Trend.shape) as (keyof Trend)[];
  return csvOf(
    columns,
    lines.map((line) => columns.map((column) => line[column])),
  );
}
