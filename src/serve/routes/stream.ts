// GET /api/v1/stream: the WebSocket. Whoever connects may read something; each topic checks its own permission.
import type { Routes } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { HttpError } from "../http/http-error.ts";
import { upgradeOriginCheck } from "../http/same-origin.ts";

export const stream: Routes = (app, context) => {
  const checkOrigin = upgradeOriginCheck(context.settings.publicUrl);
  app.route({
    method: "GET",
    url: "/api/v1/stream",
    config: { permission: "fleet:read", rateLimit: { max: context.limits.upgradesPerMinute, timeWindow: 60_000 } },
    exposeHeadRoute: false,
    schema: {
      summary: "The live stream (WebSocket)",
      description: "Topics, frames and limits are described in docs/reference/stream.md.",
      tags: ["Stream"],
      response: errorAnswers,
    },
    preValidation: (request, _reply, done) => {
      checkOrigin(request);
      if (context.stream.isFull)
        throw new HttpError(503, "Too many streams are open; try again.", { "retry-after": "30" });
      done();
    },
    handler: (_request, reply) => {
      reply.header("upgrade", "websocket");
      throw new HttpError(426, "This address speaks WebSocket only.");
    },
    wsHandler: (socket, request) => {
      if (request.identity !== null) context.stream.accept(socket, request.identity);
    },
  });
};
