// GET /healthz and /readyz, for supervisors and load balancers.
import { z } from "zod";
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { sendProblem } from "../http/problem-details.ts";

export const health: Routes = (app, { readiness }) => {
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
        response: { 200: z.object({ status: z.literal("ready") }), ...errorAnswers },
      },
    },
    (_request, reply) => {
      const reasons = readiness();
      if (reasons.length === 0) reply.send({ status: "ready" });
      else sendProblem(reply, { status: 503, code: "not-ready", detail: "The service is not ready.", reasons });
    },
  );
};
