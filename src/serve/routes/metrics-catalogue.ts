// GET /api/v1/metrics
import { z } from "zod";
import { entityKinds } from "../../model/ids.ts";
import { metricsByKind } from "../../model/metrics.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";

const MetricItem = z
  .object({
    id: z.string(),
    kind: z.enum(entityKinds),
    unit: z.string(),
    type: z.enum(["gauge", "counter", "rate"]),
    summary: z.string(),
    default_aggregation: z.enum(["avg", "min", "max", "last", "sum"]),
  })
  .meta({ id: "Metric" });

const items = Object.values(metricsByKind).flatMap((list) =>
  list.map(({ id, kind, unit, type, summary, defaultAggregation }) => ({
    id,
    kind,
    unit,
    type,
    summary,
    default_aggregation: defaultAggregation,
  })),
);

export const metricsCatalogue: Routes = (app) => {
  app.get(
    "/api/v1/metrics",
    {
      config: { permission: "series:read" },
      schema: {
        summary: "The catalogue: every number that is kept, with its unit",
        tags: ["Series"],
        response: { 200: z.object({ items: z.array(MetricItem) }), ...errorAnswers },
      },
    },
    () => ({ items }),
  );
};
