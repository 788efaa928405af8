// GET /api/v1/fact-changes: what has changed in slow facts, newest first, with who did it where that is known.
import { z } from "zod";
import { NotFoundError } from "../../lib/errors.ts";
import type { FactChange } from "../../model/facts.ts";
import { factKinds } from "../../model/facts-catalogue.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { shownChange } from "../items/fact-item.ts";
import { isoTime } from "../items/time.ts";
import { acceptsCsv } from "../lists/accepts-csv.ts";
import { csvOf, csvType } from "../lists/csv.ts";
import { scopedFleet } from "../scoped-fleet.ts";

const fields = z.record(z.string(), z.unknown()).nullable();

const FactChangeItem = z
  .object({
    at: z.string().nullable().describe("When the change was seen, ISO 8601, UTC"),
    kind: z.enum(factKinds as readonly [string, ...string[]]),
    subject: z.string(),
    key: z.string(),
    change: z.enum(["added", "changed", "removed"]),
    before: fields.describe("Only the fields that differ"),
    after: fields,
    by: z.string().nullable().describe("Who did it, where a task or the cluster log tells"),
  })
  .meta({ id: "FactChange" });
type FactChangeItem = z.infer<typeof FactChangeItem>;

const Query = z.strictObject({
  subject: z.string().max(300).optional().describe("Only of this entity"),
  kind: z.enum(factKinds as readonly [string, ...string[]]).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});

export const factChanges: Routes = (app, { fleet, history }) => {
  app.get(
    "/api/v1/fact-changes",
    {
      config: { permission: "facts:read" },
      schema: {
        summary: "Changes of slow facts, newest first",
        tags: ["Lists"],
        querystring: Query,
        response: {
          200: {
            description: "The newest changes",
            content: {
              "application/json": { schema: z.object({ items: z.array(FactChangeItem) }) },
              "text/csv": { schema: z.string() },
            },
          },
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      const view = scopedFleet(fleet, principalOf(request).scope);
      const { subject, kind, limit } = request.query;
      const found = subject === undefined ? undefined : view.find(subject)?.entity.id;
      if (subject !== undefined && found === undefined) throw new NotFoundError("There is nothing with this id.");
      const wanted = { subject: found, kind: factKinds.find((known) => known === kind), limit };
      const changes = await history.changes(wanted);
      const items = changes.filter((change) => view.find(change.subject) !== undefined).map(itemOf);
      if (!acceptsCsv(request)) return reply.send({ items });
      return reply.type(csvType).send(csvOf(columns, items.map(cellsOf)));
    },
  );
};

const itemOf = ({ at, kind, subject, key, change, before, after, by }: FactChange): FactChangeItem => ({
  at: isoTime(at),
  kind,
  subject,
  key,
  change,
  before: shownChange(kind, before),
  after: shownChange(kind, after),
  by,
});

const columns = ["at", "kind", "subject", "key", "change", "before", "after", "by"] as const;
const cellsOf = (item: FactChangeItem) =>
  columns.map((column) => {
    const value = item[column];
    return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
  });
