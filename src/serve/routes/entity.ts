// GET /api/v1/entities/{id}
import { z } from "zod";
import { NotFoundError } from "../../lib/errors.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { entityItem } from "../items/entity-item.ts";
import { EntityItem } from "../items/entity-schemas.ts";
import { scopedFleet } from "../scoped-fleet.ts";

export const entity: Routes = (app, context) => {
  app.get(
    "/api/v1/entities/:id",
    {
      config: { permission: "fleet:read" },
      schema: {
        summary: "One cluster, node, guest or storage",
        tags: ["Lists"],
        params: z.object({
          id: z
            .string()
            .max(300)
            .describe("The entity's id, URL-encoded; a guest without generation is the current one"),
        }),
        response: { 200: EntityItem, ...errorAnswers },
      },
    },
    (request) => {
      const live = scopedFleet(context.fleet, principalOf(request).scope).find(request.params.id);
      if (live === undefined) throw new NotFoundError("There is nothing with this id.");
      return entityItem(live, context.fleet);
    },
  );
};
