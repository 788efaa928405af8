// GET /api/v1/quantiles: percentiles of many things over a range; says whether exact or from sketches.
import { z } from "zod";
import type { App, Routes, ServeContext } from "../context.ts";
import { errorAnswers, jsonOrCsv } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { acceptsCsv } from "../lists/accepts-csv.ts";
import { csvOf, sendCsvFile } from "../lists/csv.ts";
import { many } from "../lists/many.ts";
import { scopedFleet } from "../scoped-fleet.ts";
import { fleetQueryShape, metricOfKind, planFleet } from "../series/fleet-query.ts";
import { QueryBudget } from "../series/query-budget.ts";

const QuantileSet = z
  .object({
    field: z.string(),
    unit: z.string(),
    source: z.enum(["raw", "sketches"]).describe("sketches: histograms of whole days and of the hours since"),
    exact: z.boolean(),
    from: z.number().describe("What was covered, in milliseconds since the epoch"),
    to: z.number(),
    error: z
      .object({ kind: z.enum(["absolute", "relative"]), value: z.number() })
      .nullable()
      .describe("How far a value may be off; null when it comes from every sample"),
    rows: z.array(
      z.object({
        id: z.string(),
        values: z.array(z.number()).describe("In the order of p"),
        samples: z.number().describe("Samples it rests on, counted in tens of seconds"),
        averaged: z.number().describe("How many of them are known only as averages of longer stretches"),
      }),
    ),
  })
  .meta({ id: "QuantileSet" });

const QuantilesAnswer = z
  .object({
    p: z.array(z.number()),
    method: z
      .literal("nearest-rank")
      .describe("The smallest value that at least that share of the samples does not pass"),
    sets: z.array(QuantileSet),
  })
  .meta({ id: "Quantiles" });
type QuantilesAnswer = z.infer<typeof QuantilesAnswer>;

const QuantilesQuery = z.strictObject({
  ...fleetQueryShape,
  field: many("Metrics of the catalogue, at most 8").pipe(z.array(z.string()).min(1, "at least one field").max(8)),
  p: many("Shares from 0 to 1, at most 20; 0.5, 0.95 and 0.99 when left out")
    .transform((shares) => shares.map(Number))
    .pipe(z.array(z.number().min(0).max(1)).min(1).max(20))
    .optional(),
});

export const quantiles: Routes = (app: App, context: ServeContext) => {
  const { limits, store, clock, fleet } = context;
  const budget = new QueryBudget({
    concurrent: limits.concurrentQueries,
    waiting: limits.waitingQueries,
    timeoutMs: limits.queryTimeoutMs,
  });
  app.get(
    "/api/v1/quantiles",
    {
      config: { permission: "series:read" },
      schema: {
        summary: "Percentiles of many things over a range",
        description:
          "Exact (nearest rank) while every sample can be read; over long ranges from daily histograms, and it says so. With `Accept: text/csv` one line per thing and field.",
        tags: ["Series"],
        querystring: QuantilesQuery,
        response: {
          200: jsonOrCsv("One set per field", QuantilesAnswer),
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const plan = planFleet(query, scopedFleet(fleet, principalOf(request).scope), clock.now());
      const metrics = query.field.map((field) => metricOfKind(query.kind, field));
      const ps = query.p ?? [0.5, 0.95, 0.99];
      const sets = await budget.run(() =>
        Promise.all(
          metrics.map(async ({ id, unit }) => {
            if (plan.ids.length === 0) return { field: id, unit, ...nothing, from: plan.fromMs, to: plan.toMs };
            const { fromMs, toMs, ...found } = await store.quantiles({ ...plan, metric: id, ps });
            return { field: id, unit, from: fromMs, to: toMs, ...found, rows: [...found.rows] };
          }),
        ),
      );
      const answer = { p: ps, method: store.capabilities.percentiles, sets: sets as QuantilesAnswer["sets"] };
      if (!acceptsCsv(request)) return reply.send(answer);
      return sendCsvFile(reply, "quantiles", quantilesCsv(answer));
    },
  );
};

const nothing = { source: "raw" as const, exact: true, error: null, rows: [] };

function quantilesCsv({ p, sets }: QuantilesAnswer): string {
  const columns = ["id", "field", "unit", "source", "exact", "samples", "averaged", ...p.map((share) => `p${share}`)];
  return csvOf(
    columns,
    sets.flatMap(({ field, unit, source, exact, rows }) =>
      rows.map((row) => [row.id, field, unit, source, exact, row.samples, row.averaged, ...row.values]),
    ),
  );
}
