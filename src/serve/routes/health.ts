// GET /healthz and /readyz, for supervisors and load balancers.
import { z } from "zod";
import { sinkStates } from "../../model/sink.ts";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { sendProblem } from "../http/problem-details.ts";

const Ready = z.object({
  status: z.literal("ready"),
  sinks: z
    .array(z.object({ name: z.string(), state: z.enum(sinkStates) }))
    .describe("Where samples go; one that is down is no reason not to be ready"),
});

export const health: Routes = (app, { readiness, sinkStates: statesNow }) => {
  app.get(
    "/healthz",
    {
      config: { permission: "public", rateLimit: false },
      schema: {
        summary: "Whether the process lives",
        tags: ["Service"],
        response: { 200: z.object({ status: z.literal("ok") }), ...errorAnswers },
      },
    },
    () => ({ status: "ok" as const }),
  );

  app.get(
    "/readyz",
    {
      config: { permission: "public", rateLimit: false },
      schema: {
        summary: "Whether the service does its work; 503 says why not",
        tags: ["Service"],
        response: { 200: Ready, ...errorAnswers },
      },
    },
    (_request, reply) => {
      const reasons = readiness();
      if (reasons.length === 0) reply.send({ status: "ready", sinks: [...statesNow()] });
      else sendProblem(reply, { status: 503, code: "not-ready", detail: "The service is not ready.", reasons });
    },
  );
};
