// GET /api/v1/about and /api/v1/me
import { z } from "zod";
import type { Routes, ServeContext } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { MeItem, meOf } from "../items/account-items.ts";

const About = z
  .object({
    version: z.string(),
    demo: z.boolean(),
    simulated: z.boolean(),
    poll_period_seconds: z.number(),
    base_path: z.string(),
    auth: z.object({ anonymous_read: z.boolean(), setup_needed: z.boolean() }),
  })
  .meta({ id: "About" });

const usualPeriodS = 10;

export const about: Routes = (app, context) => {
  app.get(
    "/api/v1/about",
    {
      config: { permission: "public" },
      schema: {
        summary: "What this service is and how to sign in",
        tags: ["Service"],
        response: { 200: About, ...errorAnswers },
      },
    },
    () => aboutOf(context),
  );

  app.get(
    "/api/v1/me",
    {
      config: { permission: "fleet:read" },
      schema: {
        summary: "Who asks, and what they may",
        tags: ["Accounts"],
        response: { 200: MeItem, ...errorAnswers },
      },
    },
    (request) => meOf(principalOf(request)),
  );
};

async function aboutOf({ fleet, settings, state, version }: ServeContext): Promise<z.infer<typeof About>> {
  const clusters = fleet.list("cluster");
  const periods = clusters.map((live) => live.periodS).filter((period) => period > 0);
  return {
    version,
    demo: settings.demo,
    simulated: clusters.some(({ entity }) => entity.kind === "cluster" && entity.simulated),
    poll_period_seconds: periods.length === 0 ? usualPeriodS : Math.min(...periods),
    base_path: settings.basePath,
    auth: { anonymous_read: settings.anonymousLoopbackRead, setup_needed: (await state.users.count()) === 0 },
  };
}
