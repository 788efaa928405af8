// GET /api/v1/capacity and /api/v1/capacity/need
import { z } from "zod";
import { NotFoundError } from "../../lib/errors.ts";
import type { CapacityDocument } from "../../model/capacity.ts";
import type { ClassNeed } from "../../model/class-need.ts";
import { clusterEntityId } from "../../model/ids.ts";
import { snakeCase } from "../../model/snake-case.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { CapacityItem, ClassNeedItem } from "../items/capacity-items.ts";
import { isoTime } from "../items/time.ts";
import { scopedFleet } from "../scoped-fleet.ts";

const NeedQuery = z.strictObject({
  cluster: z.string().max(31),
  tags: z.string().max(2_000).optional().describe("Separated by commas"),
  name: z.string().max(200).optional(),
  os: z.string().max(100).optional().describe("OS Type, as in guest configurations: `l26`"),
  template: z.coerce.number().int().optional().describe("VMID of the template it is cloned from"),
});

export const capacity: Routes = (app, { fleet, analysis }) => {
  app.get(
    "/api/v1/capacity",
    {
      config: { permission: "analysis:read" },
      schema: {
        summary: "How much more each cluster can take, for how long, and which nodes may fail",
        description: "Of the clusters that are seen as a whole; computed every hour. See docs/capacity.md.",
        tags: ["Analysis"],
        querystring: z.strictObject({ cluster: z.string().max(31).optional() }),
        response: { 200: z.object({ items: z.array(CapacityItem), next: z.null() }), ...errorAnswers },
      },
    },
    async (request) => {
      const view = scopedFleet(fleet, principalOf(request).scope);
      const held = await analysis.documents.list({ name: "capacity", cluster: request.query.cluster });
      const seen = held.filter(({ cluster }) => cluster !== null && view.find(clusterEntityId(cluster)) !== undefined);
      return {
        items: seen.map(({ cluster, at, body }) => ({
          name: cluster ?? "",
          at: isoTime(at),
          ...snakeCase(body as CapacityDocument),
        })),
        next: null,
      };
    },
  );

  app.get(
    "/api/v1/capacity/need",
    {
      config: { permission: "analysis:read" },
      schema: {
        summary: "What a workload will need that does not exist yet, by the guests that are most like it",
        tags: ["Analysis"],
        querystring: NeedQuery,
        response: { 200: ClassNeedItem, ...errorAnswers },
      },
    },
    async (request) => {
      const { tags, ...rest } = request.query;
      const view = scopedFleet(fleet, principalOf(request).scope);
      if (view.find(clusterEntityId(rest.cluster)) === undefined) {
        throw new NotFoundError(`There is no cluster ${rest.cluster}.`);
      }
      const list = (tags ?? "").split(",").filter((tag) => tag !== "");
      return snakeCase(await analysis.ask<ClassNeed>("class-need", { ...rest, tags: list }));
    },
  );
};
