// Turns whatever was thrown into an answer. What is ours says what to do; what is not becomes a 500 that tells nothing
// but its request id, under which the log has the rest.
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { InputError, PilothouseError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { HttpError } from "./http-error.ts";
import { type ProblemInput, sendProblem } from "./problem-details.ts";

/** Where the part of a request that was checked is found, as the pointer's first step. */
const partNames: Readonly<Record<string, string>> = {
  querystring: "query",
  params: "path",
  body: "body",
  headers: "header",
};

/** `adapt` adds what a route's clients look for besides. */
export function errorHandler(log: Log, adapt: (input: ProblemInput) => ProblemInput = (input) => input) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const input = adapt(problemOf(error));
    if (input.status >= 500) {
      log.error(
        { err: error, requestId: request.id, method: request.method, route: request.routeOptions.url },
        "request failed",
      );
    }
    if (error instanceof HttpError) reply.headers(error.headers);
    if (input.status === 401) reply.header("www-authenticate", 'Bearer realm="pilothouse"');
    return sendProblem(reply, input);
  };
}

export function problemOf(error: FastifyError | Error): ProblemInput {
  if (hasZodFastifySchemaValidationErrors(error)) return invalidRequest(error);
  if (error instanceof PilothouseError) return ownProblem(error);
  const status = "statusCode" in error ? (error.statusCode ?? 500) : 500;
  if (status < 400 || status >= 500)
    return { status: 500, detail: "Something went wrong inside; the log has the details under this request id." };
  return { status, detail: detailOfStatus[status] ?? "The request cannot be answered." };
}

function invalidRequest(
  error: Pick<FastifyError, "validationContext"> & {
    validation: readonly { instancePath: string; message?: string }[];
  },
): ProblemInput {
  const part = partNames[error.validationContext ?? ""] ?? "body";
  const errors = error.validation.map(({ instancePath, message }) => ({
    pointer: `/${part}${instancePath === "/" ? "" : instancePath}`,
    message: message ?? "is not valid",
  }));
  const detail = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join("; ");
  return { status: 400, code: "input", detail: detail.slice(0, 2_000), errors };
}

function ownProblem(error: PilothouseError): ProblemInput {
  const code = error instanceof HttpError ? {} : { code: error.code.slice(3).toLowerCase().replaceAll("_", "-") };
  // Messages of our own faults name files and addresses, which are for the log.
  const detail =
    error.status >= 500 && !(error instanceof HttpError)
      ? "This part of the service is not available at the moment; try again later."
      : error.message;
  return { status: error.status, ...code, detail, errors: error instanceof InputError ? error.issues : [] };
}

const detailOfStatus: Readonly<Record<number, string>> = {
  400: "The request cannot be read; its address must be well encoded and its body valid JSON.",
  408: "The request took too long to arrive.",
  413: "The body is larger than this service takes.",
  414: "The address is longer than this service takes.",
  415: "This content type is not taken; send application/json.",
  429: "Too many requests; wait for the seconds in Retry-After.",
};
