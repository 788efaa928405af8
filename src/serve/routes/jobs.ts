// GET /api/v1/jobs, POST /api/v1/jobs/{id}/run
import { z } from "zod";
import { NotFoundError } from "../../lib/errors.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { JobItem, jobItem } from "../items/record-items.ts";
import { addList } from "../lists/list-route.ts";
import { scopedFleet } from "../scoped-fleet.ts";

export const jobs: Routes = (app, context) => {
  addList<JobItem>(app, context, {
    name: "jobs",
    summary: "Work that Pilothouse does by itself",
    permission: "jobs:read",
    item: JobItem,
    items: (fleet) => fleet.jobs().map(jobItem),
    id: (item) => item.id,
    searchable: (item) => [item.id, item.summary, item.last_result],
    filters: { state: (item) => [item.state] },
    defaultSort: "id",
  });

  app.post(
    "/api/v1/jobs/:id/run",
    {
      config: { permission: "jobs:apply" },
      schema: {
        summary: "Run a job of analysis now",
        description: "It waits for its turn; `/api/v1/jobs` and the topic `jobs` tell how it goes.",
        tags: ["Analysis"],
        params: z.object({ id: z.string().max(100) }),
        response: { 202: z.object({ queued: z.string() }), ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const seen = scopedFleet(context.fleet, principalOf(request).scope).jobs();
      if (!seen.some((job) => job.id === id) || !context.analysis.run(id)) {
        throw new NotFoundError("There is no job of this name that can be run.");
      }
      return reply.code(202).send({ queued: id });
    },
  );
};
