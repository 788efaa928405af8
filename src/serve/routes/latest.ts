// GET /api/v1/latest: the newest values of everything of a kind, as columns. The lists have more of each thing; this is
// for programs that want few fields of many.
import { z } from "zod";
import { entityKinds } from "../../model/ids.ts";
import type { App, Routes, ServeContext } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { many } from "../lists/many.ts";
import { scopedFleet } from "../scoped-fleet.ts";
import { anyMetricOfKind } from "../series/fleet-query.ts";

const LatestAnswer = z
  .object({
    id: z.array(z.string()),
    time: z.array(z.number().nullable()).describe("Milliseconds since the epoch; null before the first sample"),
    fields: z.record(z.string(), z.array(z.number().nullable())).describe("By field, in the order of id"),
  })
  .meta({ id: "Latest" });

const LatestQuery = z.strictObject({
  kind: z.enum(entityKinds).default("guest").describe("What to look at"),
  cluster: many("Only things of these clusters").optional(),
  field: many("Metrics of the catalogue").pipe(z.array(z.string()).min(1, "at least one field").max(40)),
});

export const latest: Routes = (app: App, { fleet }: ServeContext) => {
  app.get(
    "/api/v1/latest",
    {
      config: { permission: "series:read" },
      schema: {
        summary: "The newest values of many things, as columns",
        description: "Everything of the kind that you may see and that exists now.",
        tags: ["Series"],
        querystring: LatestQuery,
        response: { 200: LatestAnswer.describe("One array per field"), ...errorAnswers },
      },
    },
    (request, reply) => {
      const { kind, cluster, field } = request.query;
      const names = field.map((name) => anyMetricOfKind(kind, name).id);
      const all = scopedFleet(fleet, principalOf(request).scope).list(kind);
      const live = cluster === undefined ? all : all.filter(({ entity }) => cluster.includes(entity.cluster));
      reply.send({
        id: live.map(({ entity }) => entity.id),
        time: live.map(({ valuesAt }) => valuesAt),
        fields: Object.fromEntries(names.map((name) => [name, live.map(({ values }) => values[name] ?? null)])),
      });
    },
  );
};
