// GET /api/v1/forecasts/series: one series step by step with its bands, computed when it is asked for.
import { z } from "zod";
import { NotFoundError } from "../../lib/errors.ts";
import type { ForecastAnswer, ForecastAsked } from "../../model/forecasts.ts";
import { outlookNames } from "../../model/forecasts.ts";
import type { Routes } from "../context.ts";
import { errorAnswers, jsonOrCsv } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { isoTime } from "../items/time.ts";
import { acceptsCsv } from "../lists/accepts-csv.ts";
import { csvOf, sendCsvFile } from "../lists/csv.ts";
import { scopedFleet } from "../scoped-fleet.ts";
import { QueryBudget } from "../series/query-budget.ts";

const Band = z.object({ level: z.number(), lower: z.array(z.number()), upper: z.array(z.number()) });

const ForecastSeries = z
  .object({
    id: z.string(),
    field: z.string(),
    outlook: z.enum(outlookNames),
    state: z.enum(["forecast", "none"]),
    code: z.string().nullable(),
    reason: z.string().nullable().describe("Why there is none, for a person"),
    from: z.number().describe("Begin of the first step, milliseconds since the epoch"),
    step_seconds: z.number(),
    mean: z.array(z.number()).describe("By step; empty when there is none"),
    bands: z.array(Band).describe("Narrow one first"),
    error: z.number().nullable().describe("Mean absolute error of the trials on its past"),
    naive_error: z.number().nullable().describe("The same of repeating the past"),
    naive: z.string().nullable(),
    trials: z.number().nullable(),
    better: z.number().nullable(),
    coverage_ratio: z.number().nullable().describe("Share of the trials' truth within the 95 % interval"),
    last_shift_at: z.string().nullable(),
  })
  .meta({ id: "ForecastSeries" });
type ForecastSeries = z.infer<typeof ForecastSeries>;

const Query = z.strictObject({
  id: z.string().max(300).describe("An entity id"),
  field: z.string().max(100).describe("A metric of the catalogue; of a cluster also cpu_used_cores and mem_used_bytes"),
  outlook: z.enum(outlookNames).default("month").describe("month: 30 days in hours · half-year: 183 days in days"),
});

export const forecastSeries: Routes = (app, context) => {
  const { limits, fleet, analysis } = context;
  const budget = new QueryBudget({
    concurrent: limits.concurrentQueries,
    waiting: limits.waitingQueries,
    timeoutMs: limits.queryTimeoutMs,
  });
  app.get(
    "/api/v1/forecasts/series",
    {
      config: { permission: "analysis:read" },
      schema: {
        summary: "How one series goes on, step by step",
        description: "With `Accept: text/csv` one line per step.",
        tags: ["Series"],
        querystring: Query,
        response: {
          200: jsonOrCsv("Mean and bands", ForecastSeries),
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      const { id, field, outlook } = request.query;
      const found = scopedFleet(fleet, principalOf(request).scope).findId(id);
      if (found === undefined) throw new NotFoundError("There is nothing with this id.");
      const asked: ForecastAsked = { id: found.id, field, outlook };
      const answer = answerOf(await budget.run(() => analysis.ask<ForecastAnswer>("forecast", asked)));
      if (!acceptsCsv(request)) return reply.send(answer);
      return sendCsvFile(reply, "forecast", csvOfSeries(answer));
    },
  );
};

function answerOf({ id, field, outlook, fromMs, stepMs, result }: ForecastAnswer): ForecastSeries {
  const { backtest } = result;
  const isNone = result.state === "none";
  return {
    id,
    field,
    outlook,
    state: result.state,
    code: isNone ? result.code : null,
    reason: isNone ? result.reason : null,
    from: fromMs,
    step_seconds: stepMs / 1000,
    mean: isNone ? [] : [...result.mean],
    bands: isNone
      ? []
      : result.bands.map(({ level, lower, upper }) => ({ level, lower: [...lower], upper: [...upper] })),
    error: backtest?.error ?? null,
    naive_error: backtest?.naiveError ?? null,
    naive: backtest?.naive ?? null,
    trials: backtest?.trials ?? null,
    better: backtest?.better ?? null,
    coverage_ratio: backtest?.coverage ?? null,
    last_shift_at: isNone ? null : isoTime(result.lastShiftMs),
  };
}

function csvOfSeries({ from, step_seconds: stepS, mean, bands }: ForecastSeries): string {
  const ends = bands.flatMap(({ level }) => [`lower_${100 * level}`, `upper_${100 * level}`]);
  return csvOf(
    ["time", "mean", ...ends],
    mean.map((value, step) => [
      isoTime(from + step * stepS * 1000),
      value,
      ...bands.flatMap(({ lower, upper }) => [lower[step], upper[step]]),
    ]),
  );
}
