// GET /api/v1/series: stored samples of some entities, as columns; says which tiers were read and how exact it is.
import { z } from "zod";
import {
  type RangeResult,
  type SeriesFrame,
  type StoreReader,
  storeReaders,
  type Tier,
  tiers,
} from "../../model/store.ts";
import type { App, Routes, ServeContext } from "../context.ts";
import { errorAnswers, jsonOrCsv } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { isoTime } from "../items/time.ts";
import { acceptsCsv } from "../lists/accepts-csv.ts";
import { csvOf, sendCsvFile } from "../lists/csv.ts";
import { many } from "../lists/many.ts";
import { scopedFleet } from "../scoped-fleet.ts";
import { QueryBudget } from "../series/query-budget.ts";
import { planSeries, type SeriesPlan, tooManyPoints } from "../series/series-query.ts";

const Series = z
  .object({
    id: z.string(),
    field: z.string(),
    unit: z.string(),
    agg: z.string(),
    time: z.array(z.number()).describe("Milliseconds since the epoch; the begin of the bucket"),
    value: z.array(z.number().nullable()),
    resolution_seconds: z.array(z.number()),
    origin: z.array(z.string()),
  })
  .meta({ id: "Series" });

const SeriesAnswer = z
  .object({
    from: z.number(),
    to: z.number(),
    step_seconds: z.number().describe("0: the samples as they were stored"),
    tiers: z.array(z.enum(tiers)),
    exact: z.boolean().describe("False when the aggregation was computed from points that were averages already"),
    reader: z.array(z.enum(storeReaders)).describe("What answered: the embedded database, or an InfluxDB"),
    series: z.array(Series),
  })
  .meta({ id: "SeriesAnswer" });
type SeriesAnswer = z.infer<typeof SeriesAnswer>;

const SeriesQuery = z.strictObject({
  id: many("Entity ids; a guest without generation is the current one", 8_000).pipe(
    z.array(z.string()).min(1, "at least one id"),
  ),
  field: many("Metrics of the catalogue").pipe(z.array(z.string()).min(1, "at least one field")),
  from: z.string().max(40).default("-1h").describe("ISO 8601, milliseconds since the epoch, or relative such as -1h"),
  to: z.string().max(40).default("now").describe("As from; the end is not included"),
  step: z.string().max(20).default("auto").describe("auto (about 400 points), raw, or a width such as 60, 10s, 5m, 1h"),
  agg: z.enum(["avg", "min", "max", "last", "sum"]).optional().describe("The metric's own when left out"),
});

export const series: Routes = (app: App, context: ServeContext) => {
  const { limits, store, clock, fleet } = context;
  const budget = new QueryBudget({
    concurrent: limits.concurrentQueries,
    waiting: limits.waitingQueries,
    timeoutMs: limits.queryTimeoutMs,
  });
  app.get(
    "/api/v1/series",
    {
      config: { permission: "series:read" },
      schema: {
        summary: "Stored samples, as columns",
        description: `At most ${limits.seriesPerQuery} series of ${limits.pointsPerSeries} points. With \`Accept: text/csv\` one line per point.`,
        tags: ["Series"],
        querystring: SeriesQuery,
        response: {
          200: jsonOrCsv("The series", SeriesAnswer),
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      const view = scopedFleet(fleet, principalOf(request).scope);
      const plan = planSeries(request.query, {
        fleet: view,
        limits,
        capabilities: store.capabilities,
        nowMs: clock.now(),
      });
      const results = await budget.run(() => Promise.all(plan.queries.map(({ query }) => store.range(query))));
      const answer = answerOf(plan, results, store.capabilities.reader);
      if (answer.series.some(({ time }) => time.length > limits.pointsPerSeries)) throw tooManyPoints(limits);
      if (!acceptsCsv(request)) return reply.send(answer);
      return sendCsvFile(reply, "series", seriesCsv(answer));
    },
  );
};

function answerOf(plan: SeriesPlan, results: readonly RangeResult[], reader: StoreReader): SeriesAnswer {
  const frames = new Map<string, { readonly frame: SeriesFrame; readonly agg: string }>();
  const read = new Set<Tier>();
  for (const [index, { metric, query }] of plan.queries.entries()) {
    for (const tier of results[index]?.tiers ?? []) read.add(tier);
    for (const frame of results[index]?.frames ?? []) {
      frames.set(`${frame.id} ${metric.id}`, { frame, agg: query.aggregation });
    }
  }
  return {
    from: plan.fromMs,
    to: plan.toMs,
    step_seconds: plan.stepS,
    tiers: tiers.filter((tier) => read.has(tier)),
    exact: results.every((result) => result.exact),
    reader: results.length === 0 ? [reader] : [...new Set(results.map((result) => result.reader))],
    series: plan.wanted.map(({ id, metric }) => {
      const found = frames.get(`${id} ${metric.id}`);
      const agg = found?.agg ?? plan.queries.find((query) => query.metric === metric)?.query.aggregation ?? "avg";
      return { id, field: metric.id, unit: metric.unit, agg, ...columnsOf(found?.frame) };
    }),
  };
}

function columnsOf(frame: SeriesFrame | undefined) {
  return {
    time: [...(frame?.timeMs ?? [])],
    value: (frame?.values ?? []).map((value) => (value !== null && Number.isFinite(value) ? value : null)),
    resolution_seconds: [...(frame?.resolutionS ?? [])],
    origin: [...(frame?.origins ?? [])],
  };
}

function seriesCsv(answer: SeriesAnswer): string {
  const columns = ["id", "field", "unit", "agg", "time", "value", "resolution_seconds", "origin"];
  return csvOf(
    columns,
    answer.series.flatMap((one) =>
      one.time.map((ms, index) => [
        one.id,
        one.field,
        one.unit,
        one.agg,
        isoTime(ms),
        one.value[index],
        one.resolution_seconds[index],
        one.origin[index],
      ]),
    ),
  );
}
