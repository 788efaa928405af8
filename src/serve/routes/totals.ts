// GET /api/v1/totals: what many things have together over time, for instance the cores that all guests use.
import { z } from "zod";
import type { App, Routes, ServeContext } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { scopedFleet } from "../scoped-fleet.ts";
import { fleetQueryShape, metricOfKind, planFleet } from "../series/fleet-query.ts";
import { QueryBudget } from "../series/query-budget.ts";
import { tooManyPoints } from "../series/series-query.ts";
import { parseStep } from "../series/time-range.ts";

const TotalsAnswer = z
  .object({
    field: z.string(),
    weight: z.string().nullable(),
    from: z.number(),
    to: z.number(),
    step_seconds: z.number(),
    tier: z.enum(["5m", "1h"]),
    exact: z.boolean().describe("False when some of it comes from averages of Proxmox VE"),
    left_out: z.number().describe("Imported points wider than the windows, which a total cannot use"),
    time: z.array(z.number()).describe("Milliseconds since the epoch; the begin of the bucket"),
    sum: z.array(z.number()).describe("The sum of field, or of field × weight"),
    weights: z.array(z.number()).describe("The sum of the weights, or the number of things; sum / weights is the mean"),
  })
  .meta({ id: "Totals" });

const TotalsQuery = z.strictObject({
  ...fleetQueryShape,
  field: z.string().max(100).describe("A metric of the catalogue"),
  weight: z.string().max(100).optional().describe("A metric to multiply by: cpu_ratio by cpu_count gives cores"),
  step: z.string().max(20).default("1h").describe("A whole multiple of 5m"),
});

export const totals: Routes = (app: App, context: ServeContext) => {
  const { limits, store, clock, fleet } = context;
  const budget = new QueryBudget({
    concurrent: limits.concurrentQueries,
    waiting: limits.waitingQueries,
    timeoutMs: limits.queryTimeoutMs,
  });
  app.get(
    "/api/v1/totals",
    {
      config: { permission: "series:read" },
      schema: {
        summary: "What many things have together",
        description:
          "Sums over everything of a kind, bucket by bucket, from closed windows only, so that a total never seems to fall at its end.",
        tags: ["Series"],
        querystring: TotalsQuery,
        response: { 200: TotalsAnswer.describe("The sums"), ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const plan = planFleet(query, scopedFleet(fleet, principalOf(request).scope), clock.now());
      const metric = metricOfKind(query.kind, query.field);
      const weight = query.weight === undefined ? null : metricOfKind(query.kind, query.weight, "weight").id;
      const stepMs = parseStep(query.step, plan.toMs - plan.fromMs) * 1_000;
      if (stepMs > 0 && (plan.toMs - plan.fromMs) / stepMs > limits.pointsPerSeries) throw tooManyPoints(limits);
      const found =
        plan.ids.length === 0
          ? { tier: "1h" as const, exact: true, leftOut: 0, timeMs: [], sums: [], weights: [] }
          : await budget.run(() => store.totals({ ...plan, metric: metric.id, weightBy: weight, stepMs }));
      return reply.send({
        field: metric.id,
        weight,
        from: plan.fromMs,
        to: plan.toMs,
        step_seconds: stepMs / 1_000,
        tier: found.tier,
        exact: found.exact,
        left_out: found.leftOut,
        time: [...found.timeMs],
        sum: [...found.sums],
        weights: [...found.weights],
      });
    },
  );
};
