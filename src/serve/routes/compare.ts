// GET /api/v1/compare: this week against the week before, or any window against an earlier one.
import { z } from "zod";
import { InputError } from "../../lib/errors.ts";
import type { TrendRow } from "../../model/store.ts";
import type { Routes } from "../context.ts";
import { errorAnswers, jsonOrCsv } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { acceptsCsv } from "../lists/accepts-csv.ts";
import { csvOf, sendCsvFile } from "../lists/csv.ts";
import { scopedFleet } from "../scoped-fleet.ts";
import { fleetQueryShape, metricOfKind, planFleet } from "../series/fleet-query.ts";
import { QueryBudget } from "../series/query-budget.ts";
import { parseStep } from "../series/time-range.ts";

const Comparison = z
  .object({
    id: z.string(),
    name: z.string(),
    before: z.number().nullable().describe("Mean of the earlier window; null when nothing was measured in it"),
    now: z.number().nullable().describe("Mean of the window"),
    change: z.number().nullable(),
    change_ratio: z.number().nullable().describe("change / before; null when that was 0"),
  })
  .meta({ id: "Comparison" });
type Comparison = z.infer<typeof Comparison>;

const CompareAnswer = z
  .object({
    field: z.string(),
    unit: z.string(),
    from: z.number().describe("Begin of the window, milliseconds since the epoch"),
    to: z.number(),
    before_from: z.number(),
    before_to: z.number(),
    mean_before: z.number().nullable().describe("Of those that were measured in both windows"),
    mean_now: z.number().nullable(),
    rows: z.array(Comparison).describe("Most change first"),
  })
  .meta({ id: "Compare" });
type CompareAnswer = z.infer<typeof CompareAnswer>;

const CompareQuery = z.strictObject({
  kind: fleetQueryShape.kind,
  id: fleetQueryShape.id,
  cluster: fleetQueryShape.cluster,
  gone: fleetQueryShape.gone,
  field: z.string().max(100).describe("A metric of the catalogue"),
  window: z.string().max(20).default("7d").describe("How long both windows are: 24h, 7d, 30d"),
  against: z
    .string()
    .max(20)
    .optional()
    .describe("How much earlier the other window lies; as much as the window is long when left out"),
  top: z.coerce.number().int().min(1).max(10_000).default(200).describe("Only so many rows"),
});

export const compare: Routes = (app, context) => {
  const { limits, store, clock, fleet } = context;
  const budget = new QueryBudget({
    concurrent: limits.concurrentQueries,
    waiting: limits.waitingQueries,
    timeoutMs: limits.queryTimeoutMs,
  });
  app.get(
    "/api/v1/compare",
    {
      config: { permission: "series:read" },
      schema: {
        summary: "A window of time against an earlier one",
        description: "The mean of each thing in both, and the change. With `Accept: text/csv` as a table.",
        tags: ["Series"],
        querystring: CompareQuery,
        response: {
          200: jsonOrCsv("What has changed, most change first", CompareAnswer),
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const windows = windowsOf(query, clock.now());
      const view = scopedFleet(fleet, principalOf(request).scope);
      const { ids } = planFleet({ ...query, from: String(windows.from), to: String(windows.to) }, view, clock.now());
      const { id: metric, unit } = metricOfKind(query.kind, query.field);
      const means = async (fromMs: number, toMs: number): Promise<readonly TrendRow[]> =>
        ids.length === 0 ? [] : (await store.trend({ ids, metric, fromMs, toMs })).rows;
      const [before, now] = await budget.run(() =>
        Promise.all([means(windows.before_from, windows.before_to), means(windows.from, windows.to)]),
      );
      const nameOf = (id: string): string => view.find(id)?.entity.name ?? id;
      const answer = { field: metric, unit, ...windows, ...comparison(before, now, nameOf, query.top) };
      if (!acceptsCsv(request)) return reply.send(answer);
      return sendCsvFile(reply, "compare", csvOfRows(answer.rows));
    },
  );
};

type Windows = Pick<CompareAnswer, "from" | "to" | "before_from" | "before_to">;

/** Throws an InputError for what is no length of time. */
function windowsOf(query: { readonly window: string; readonly against?: string | undefined }, to: number): Windows {
  const windowMs = lengthOf("window", query.window);
  const apartMs = query.against === undefined ? windowMs : lengthOf("against", query.against);
  return { from: to - windowMs, to, before_from: to - windowMs - apartMs, before_to: to - apartMs };
}

function lengthOf(name: string, text: string): number {
  const seconds = /^\d{1,6}[smhdw]$/.test(text) ? parseStep(text, 0) : 0;
  if (seconds >= 600) return seconds * 1000;
  const message = "not a length of ten minutes or more such as 24h, 7d, 4w";
  throw new InputError(`${name}: ${message}.`, [{ pointer: `/query/${name}`, message }]);
}

function comparison(
  before: readonly TrendRow[],
  now: readonly TrendRow[],
  nameOf: (id: string) => string,
  top: number,
): Pick<CompareAnswer, "rows" | "mean_before" | "mean_now"> {
  const [earlier, later] = [meansOf(before), meansOf(now)];
  const ids = [...new Set([...later.keys(), ...earlier.keys()])];
  const rows = ids.map((id) => rowOf(id, nameOf(id), earlier.get(id) ?? null, later.get(id) ?? null));
  const both = rows.flatMap(({ before: was, now: is }) => (was === null || is === null ? [] : [[was, is] as const]));
  const mean = (place: 0 | 1): number | null =>
    both.length === 0 ? null : both.reduce((sum, pair) => sum + pair[place], 0) / both.length;
  // What has no earlier window has changed by nobody knows what, and comes last.
  const size = ({ change }: Comparison): number => (change === null ? -1 : Math.abs(change));
  rows.sort((a, b) => size(b) - size(a) || (a.id < b.id ? -1 : 1));
  return { rows: rows.slice(0, top), mean_before: mean(0), mean_now: mean(1) };
}

const meansOf = (rows: readonly TrendRow[]): ReadonlyMap<string, number> =>
  new Map(rows.map(({ id, mean }) => [id, mean]));

function rowOf(id: string, name: string, before: number | null, now: number | null): Comparison {
  const change = before === null || now === null ? null : now - before;
  return {
    id,
    name,
    before,
    now,
    change,
    change_ratio: change === null || before === null || before === 0 ? null : change / before,
  };
}

function csvOfRows(rows: readonly Comparison[]): string {
  const columns = Object.keys(Comparison.shape) as (keyof Comparison)[];
  return csvOf(
    columns,
    rows.map((row) => columns.map((column) => row[column])),
  );
}
