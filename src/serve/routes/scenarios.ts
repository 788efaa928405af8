// What-if: GET and POST /api/v1/scenarios, PUT and DELETE /api/v1/scenarios/{id}, POST /api/v1/scenarios/answer
import { z } from "zod";
import { LimitError, NotFoundError } from "../../lib/errors.ts";
import { uniqueId } from "../../lib/unique-id.ts";
import { ClusterId, clusterEntityId } from "../../model/ids.ts";
import { Scenario, ScenarioChange, ScenarioChanges } from "../../model/scenario.ts";
import { snakeCase } from "../../model/snake-case.ts";
import type { WhatIfAnswer } from "../../model/what-if.ts";
import type { Routes, ServeContext } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { WhatIfItem } from "../items/capacity-items.ts";
import { type ScopedFleet, scopedFleet } from "../scoped-fleet.ts";

/** Per cluster; each committed one costs a pass over the guests every hour. */
const mostScenarios = 200;

const Body = z.strictObject({
  name: z.string().trim().min(1).max(100),
  changes: ScenarioChanges,
  state: Scenario.shape.state.default("draft"),
  ends: z.iso.date().nullable().default(null).describe("A committed scenario counts no longer from this day on (UTC)"),
});

export const scenarios: Routes = (app, context) => {
  const { fleet, analysis, clock } = context;
  const tags = ["Analysis"];

  app.get(
    "/api/v1/scenarios",
    {
      config: { permission: "analysis:read" },
      schema: {
        summary: "Saved what-if scenarios of the clusters that are seen as a whole",
        tags,
        response: { 200: z.object({ items: z.array(Scenario), next: z.null() }), ...errorAnswers },
      },
    },
    async (request) => ({
      items: await seenScenarios(context, scopedFleet(fleet, principalOf(request).scope)),
      next: null,
    }),
  );

  app.post(
    "/api/v1/scenarios/answer",
    {
      config: { permission: "analysis:read" },
      schema: {
        summary: "What if? Capacity, time and failures before and after changes; nothing is kept",
        description: "Saved scenarios come first, in the order given, then `changes`: so they combine.",
        tags,
        body: z.strictObject({
          cluster: ClusterId,
          scenarios: z.array(z.string().max(100)).max(20).default([]).describe("Ids of saved ones"),
          changes: z.array(ScenarioChange).max(50).default([]),
        }),
        response: { 200: WhatIfItem, ...errorAnswers },
      },
    },
    async (request) => {
      mustSee(scopedFleet(fleet, principalOf(request).scope), request.body.cluster);
      return snakeCase(await analysis.ask<WhatIfAnswer>("what-if", request.body));
    },
  );

  app.post(
    "/api/v1/scenarios",
    {
      config: { permission: "analysis:plan" },
      schema: {
        summary: "Save a scenario; with `state: committed` its guests are subtracted from what remains",
        tags,
        body: Body.extend({ cluster: ClusterId }),
        response: { 201: Scenario, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { id: by, scope } = principalOf(request);
      const view = scopedFleet(fleet, scope);
      const { cluster } = request.body;
      mustSee(view, cluster);
      const others = (await seenScenarios(context, view)).filter((each) => each.cluster === cluster);
      if (others.length >= mostScenarios) {
        throw new LimitError(`A cluster has at most ${mostScenarios} scenarios; delete one first.`);
      }
      const scenario = { ...request.body, id: uniqueId(clock.now()), saved_by: by };
      await keep(context, scenario);
      return reply.code(201).send(scenario);
    },
  );

  app.put(
    "/api/v1/scenarios/:id",
    {
      config: { permission: "analysis:plan" },
      schema: {
        summary: "Change a scenario, commit it, or take a commitment back",
        tags,
        params: z.object({ id: z.string().max(100) }),
        body: Body,
        response: { 200: Scenario, ...errorAnswers },
      },
    },
    async (request) => {
      const { id: by, scope } = principalOf(request);
      const { id, cluster, state } = await find(context, scopedFleet(fleet, scope), request.params.id);
      const scenario = { ...request.body, id, cluster, saved_by: by };
      await keep(context, scenario, state);
      return scenario;
    },
  );

  app.delete(
    "/api/v1/scenarios/:id",
    {
      config: { permission: "analysis:plan" },
      schema: {
        summary: "Delete a scenario; what it reserved is free again",
        tags,
        params: z.object({ id: z.string().max(100) }),
        response: { 204: z.null(), ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { id, cluster, state } = await find(
        context,
        scopedFleet(fleet, principalOf(request).scope),
        request.params.id,
      );
      await analysis.remove({ name: "scenario", cluster, key: id });
      if (state === "committed") analysis.run("capacity");
      return reply.code(204).send(null);
    },
  );
};

const sees = (view: ScopedFleet, cluster: string): boolean => view.find(clusterEntityId(cluster)) !== undefined;

function mustSee(view: ScopedFleet, cluster: string): void {
  if (!sees(view, cluster)) throw new NotFoundError(`There is no cluster ${cluster}.`);
}

async function seenScenarios({ analysis }: ServeContext, view: ScopedFleet): Promise<Scenario[]> {
  const held = await analysis.documents.list({ name: "scenario" });
  return held.flatMap(({ cluster, body }) => {
    const read = Scenario.safeParse(body);
    return read.success && cluster !== null && sees(view, cluster) ? [read.data] : [];
  });
}

async function find(context: ServeContext, view: ScopedFleet, id: string): Promise<Scenario> {
  const scenario = (await seenScenarios(context, view)).find((each) => each.id === id);
  if (scenario === undefined) throw new NotFoundError("There is no such scenario.");
  return scenario;
}

/** Asked once before it is kept: a scenario that names what is not there is refused now, and not when it counts. */
async function keep({ analysis }: ServeContext, scenario: Scenario, before = "draft"): Promise<void> {
  const { cluster, id, changes } = scenario;
  await analysis.ask<WhatIfAnswer>("what-if", { cluster, changes });
  await analysis.keep({ name: "scenario", cluster, key: id, body: scenario });
  if (scenario.state === "committed" || before === "committed") analysis.run("capacity");
}
