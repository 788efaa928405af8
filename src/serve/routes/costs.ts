// GET /api/v1/costs, GET /api/v1/costs/focus.csv, GET /api/v1/costs/price, GET /api/v1/costs/roi
import { Readable } from "node:stream";
import { z } from "zod";
import { NotFoundError } from "../../lib/errors.ts";
import { inScope, type Scope } from "../../model/access.ts";
import { CostRow, CostsAnswer, costAggregates, PlannedPrice, RoiAnswer } from "../../model/cost-answer.ts";
import { costSplits } from "../../model/cost-model.ts";
import { type FocusRow, focusColumns } from "../../model/focus.ts";
import type { App, Routes, ServeContext } from "../context.ts";
import { errorAnswers, jsonOrCsv } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { acceptsCsv } from "../lists/accepts-csv.ts";
import { type Cell, csvCell, csvOf, csvType, sendCsvFile } from "../lists/csv.ts";

const window = z
  .string()
  .max(40)
  .default("month")
  .describe(
    "`month` (to date), `lastmonth`, `today`, `yesterday`, days as `30d`, `2026-10`, or `2026-10-01,2026-10-31`; UTC days",
  );
const cluster = z.string().max(31).optional().describe("Only this cluster");
const yes = z.enum(["true", "false"]).transform((value) => value === "true");

const CostsQuery = z.strictObject({
  window,
  cluster,
  aggregate: z.enum(costAggregates).default("owner").describe("What rows are made of"),
  tag_prefix: z
    .string()
    .max(100)
    .default("")
    .describe("With `aggregate=tag`: only tags that begin so; else all tags of a guest together"),
  include_idle: yes
    .prefault("true")
    .describe("Whether idle capacity is told; without it the rows are less than what was entered"),
  share_idle: z
    .enum(costSplits)
    .optional()
    .describe("How idle capacity is given to guests; as the configuration says when left out"),
  share_cost: z
    .enum(costSplits)
    .optional()
    .describe("How shared costs are given to guests; as each says when left out"),
});

const read = { permission: "costs:read" } as const;
const tags = ["Costs"];

export const costs: Routes = (app: App, context: ServeContext) => {
  const { analysis } = context;
  app.get(
    "/api/v1/costs",
    {
      config: read,
      schema: {
        summary: "What things cost",
        description:
          "Rows that add up to what was entered, in one list per currency. Those who see some guests only get those guests' rows, without totals. With `Accept: text/csv` the rows as a table.",
        tags,
        querystring: CostsQuery,
        response: {
          200: jsonOrCsv("Costs by currency", CostsAnswer),
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      const { cluster: only = null, share_idle: idle = null, share_cost: shared = null, ...query } = request.query;
      const { scope } = principalOf(request);
      const asked = { ...query, cluster: only, share_idle: idle, share_cost: shared, scope: plain(scope) };
      const answer = await analysis.ask<CostsAnswer>("costs", asked);
      if (!acceptsCsv(request)) return reply.send(answer);
      return sendCsvFile(reply, "costs", costsCsv(answer));
    },
  );
  addFocus(app, context);
  addPrice(app, context);
  addRoi(app, context);
};

/** A copy between threads takes own fields only. */
const plain = ({ clusters, pools, tags: seen }: Scope) => ({ clusters, pools, tags: seen });

function costsCsv({ lists }: CostsAnswer): string {
  const columns = Object.keys(CostRow.shape) as (keyof CostRow)[];
  const rows = lists.flatMap(({ currency, from, to, rows: own }) =>
    own.map((row): readonly Cell[] => [currency, from, to, ...columns.map((column) => row[column])]),
  );
  return csvOf(["currency", "from", "to", ...columns], rows);
}

function addFocus(app: App, { analysis }: ServeContext): void {
  app.get(
    "/api/v1/costs/focus.csv",
    {
      config: read,
      schema: {
        summary: "Costs by day, guest and resource in the columns of FOCUS",
        description: "For FinOps tools (FinOps Open Cost and Usage Specification). Days without a price have no rows.",
        tags,
        querystring: z.strictObject({ window, cluster }),
        response: {
          200: { description: "A table", content: { "text/csv": { schema: z.string() } } },
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      const { window: asked, cluster: only = null } = request.query;
      const scope = plain(principalOf(request).scope);
      const days = await analysis.ask<readonly string[]>("cost-days", { window: asked });
      const rowsOf = (day: string) => analysis.ask<readonly FocusRow[]>("cost-focus", { day, cluster: only, scope });
      return (
        reply
          .type(csvType)
          .header("content-disposition", 'attachment; filename="focus.csv"')
          // Sent as it comes; the type of the answer knows finished texts only.
          .send(Readable.from(focusCsv(days, rowsOf)) as unknown as string)
      );
    },
  );
}

/** Day by day: a year of a large fleet is more than anybody wants to hold. */
async function* focusCsv(
  days: readonly string[],
  rowsOf: (day: string) => Promise<readonly FocusRow[]>,
): AsyncGenerator<string> {
  yield `${focusColumns.join(",")}\r\n`;
  for (const day of days) {
    const lines = (await rowsOf(day)).map(
      (row) => `${focusColumns.map((column) => csvCell(row[column])).join(",")}\r\n`,
    );
    if (lines.length > 0) yield lines.join("");
  }
}

const amount = (max: number) => z.coerce.number().min(0).max(max);

function addPrice(app: App, { analysis }: ServeContext): void {
  const disk = z.string().regex(/^[^:,\s]{1,100}:\d{1,9}(\.\d{1,3})?$/, "expected STORAGE:GiB, such as local-zfs:32");
  app.get(
    "/api/v1/costs/price",
    {
      config: read,
      schema: {
        summary: "What a planned guest will cost",
        description:
          "For an hour and for a planned month of 730 hours. For those who see the whole cluster: it tells its rates.",
        tags,
        querystring: z.strictObject({
          cluster: z.string().max(31),
          type: z.enum(["qemu", "lxc"]).default("qemu"),
          cores: amount(100_000),
          memory_gib: amount(1e6),
          disk: z
            .union([disk, z.array(disk).max(100)])
            .optional()
            .describe("STORAGE:GiB; may be given several times"),
        }),
        response: { 200: PlannedPrice, ...errorAnswers },
      },
    },
    async (request) => {
      const { disk: disks = [], ...guest } = request.query;
      // Who sees some guests only may not see rates; who does not see the cluster hears that there is none.
      if (!inScope(principalOf(request).scope, { cluster: guest.cluster }))
        throw new NotFoundError("There is no such cluster.");
      const listed = (typeof disks === "string" ? [disks] : disks).map((text) => {
        const [storage = "", gib] = text.split(":");
        return { storage, gib: Number(gib) };
      });
      return analysis.ask<PlannedPrice>("cost-price", { ...guest, disks: listed });
    },
  );
}

function addRoi(app: App, { analysis }: ServeContext): void {
  app.get(
    "/api/v1/costs/roi",
    {
      config: read,
      schema: {
        summary: "Return on investment of amounts that are given",
        tags,
        querystring: z.strictObject({
          programme_cost: amount(1e12),
          avoided_purchase: amount(1e12).default(0),
          realized_savings: amount(1e12).default(0),
          months: z.coerce.number().min(1).max(120),
        }),
        response: { 200: RoiAnswer, ...errorAnswers },
      },
    },
    async (request) => analysis.ask<RoiAnswer>("cost-roi", request.query),
  );
}
