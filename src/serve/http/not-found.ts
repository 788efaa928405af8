// Answers what no route answers: 405 when the path exists for other methods, else 404.
import type { FastifyReply, FastifyRequest } from "fastify";
import type { DeclaredRoute } from "./permissions.ts";
import { pathOf, sendProblem } from "./problem-details.ts";

export function notFoundHandler(routes: readonly DeclaredRoute[]) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = pathOf(request.url);
    const methods = routes
      .filter(({ url }) => !url.includes("*") && patternOf(url).test(path))
      .map(({ method }) => method);
    if (methods.length > 0 && !methods.includes(request.method)) {
      reply.header("allow", [...new Set(methods)].join(", "));
      return sendProblem(reply, { status: 405, detail: `This address does not take ${request.method}.` });
    }
    return sendProblem(reply, { status: 404, detail: "There is nothing at this address." });
  };
}

function patternOf(url: string): RegExp {
  const escaped = url.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll(/:[A-Za-z_]+/g, "[^/]+");
  return new RegExp(`^${escaped}/?$`);
}
