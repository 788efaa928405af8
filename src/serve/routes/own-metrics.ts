// GET /metrics, for Prometheus. Its numbers are of the whole service, so they are for those who may see all of it.
import { z } from "zod";
import { ForbiddenError } from "../../lib/errors.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { seesEverything } from "../scoped-fleet.ts";

export const ownMetricsRoute: Routes = (app, { metrics }) => {
  app.get(
    "/metrics",
    {
      config: { permission: "fleet:read" },
      schema: {
        summary: "What the service costs and does, as Prometheus text",
        tags: ["Service"],
        response: {
          200: { description: "Prometheus text format", content: { "text/plain": { schema: z.string() } } },
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      if (!seesEverything(principalOf(request).scope)) {
        throw new ForbiddenError("These numbers are of all clusters; your scope shows only a part.");
      }
      return reply.type(metrics.contentType).send(await metrics.text());
    },
  );
};
