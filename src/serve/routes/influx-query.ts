// GET and POST /query: the stored samples for Grafana, asked in the InfluxQL that our dashboards use and answered as
// InfluxDB 1.x does. It reads only, and what it does not understand it refuses with what it does.
import type { FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { InputError, NotFoundError } from "../../lib/errors.ts";
import type { App, Routes, ServeContext } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { errorHandler } from "../http/error-handler.ts";
import { principalOf } from "../http/permissions.ts";
import { supported } from "../influxql/parse.ts";
import { runQuery } from "../influxql/run-query.ts";
import { databaseName } from "../influxql/run-show.ts";
import { scopedFleet } from "../scoped-fleet.ts";
import { QueryBudget } from "../series/query-budget.ts";

/** A dashboard asks once per panel at every refresh, and many people look through one data source with one token. */
const requestsTimes = 20;

const Parameters = z.object({
  q: z.string().max(20_000).optional().describe("InfluxQL; several statements are separated by ;"),
  db: z.string().max(200).optional().describe(`${databaseName}, or nothing`),
  epoch: z.string().max(10).optional().describe("Unit of times: ns, u, ms, s, m, h; RFC 3339 when left out"),
  p: z.string().max(300).optional().describe("The API token, where a client cannot send a header"),
});
type Parameters = z.infer<typeof Parameters>;

const Cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const InfluxAnswer = z
  .object({
    results: z.array(
      z.object({
        statement_id: z.int(),
        series: z
          .array(
            z.object({
              name: z.string().optional(),
              tags: z.record(z.string(), z.string()).optional(),
              columns: z.array(z.string()),
              values: z.array(z.array(Cell)),
            }),
          )
          .optional(),
        messages: z
          .array(z.object({ level: z.literal("warning"), text: z.string() }))
          .optional()
          .describe("How far numbers are not made of every sample"),
      }),
    ),
  })
  .meta({ id: "InfluxAnswer" });

export const influxQuery: Routes = (app: App, context: ServeContext) => {
  const { limits, log } = context;
  const budget = new QueryBudget({
    concurrent: limits.concurrentQueries,
    waiting: limits.waitingQueries,
    timeoutMs: limits.queryTimeoutMs,
  });
  const options = {
    config: {
      permission: "series:read",
      tokenInAddress: true,
      rateLimit: { max: limits.requestsPerMinute * requestsTimes },
    },
    errorHandler: errorHandler(log, (input) => ({ ...input, error: input.detail })),
  } as const;
  const schema = {
    summary: "InfluxQL over the stored samples, for Grafana",
    description: `For Grafana's InfluxDB data source in InfluxQL mode. ${supported} Measurements and fields are those of GET /api/v1/metrics: \`pve_node\` has \`cpu_ratio\`. Signs in by Bearer, \`Token\`, or user and password with the API token as the password.`,
    tags: ["Series"],
    querystring: Parameters,
    response: { 200: { description: "As InfluxDB 1.x answers", ...json(InfluxAnswer) }, ...errorAnswers },
  };
  app.register((below, _options, done) => {
    const own = below.withTypeProvider<ZodTypeProvider>();
    own.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, parsed) => {
      parsed(null, Object.fromEntries(new URLSearchParams(String(body))));
    });
    own.get("/query", { ...options, schema }, async (request) =>
      budget.run(() => answer(request.query, contextOf(request, context))),
    );
    own.post("/query", { ...options, schema: { ...schema, body: Parameters.optional() } }, async (request) =>
      budget.run(() => answer({ ...request.query, ...request.body }, contextOf(request, context))),
    );
    done();
  });
};

const json = (schema: z.ZodType) => ({ content: { "application/json": { schema } } });

function contextOf(request: FastifyRequest, { fleet, store, clock, limits }: ServeContext) {
  const { pointsPerSeries, pointsPerQuery } = limits;
  return {
    fleet: scopedFleet(fleet, principalOf(request).scope),
    store,
    nowMs: clock.now(),
    pointsPerSeries,
    pointsPerQuery,
  };
}

async function answer({ q, db, epoch }: Parameters, context: ReturnType<typeof contextOf>) {
  if (db !== undefined && db !== "" && db !== databaseName)
    throw new NotFoundError(`database not found: there is one database here, ${databaseName}.`);
  if (q === undefined || q.trim() === "") throw new InputError(`missing required parameter "q". ${supported}`);
  return runQuery(q, epoch, context);
}
