// Every error leaves as application/problem+json (RFC 9457), so that a program has one way to read them.
import { STATUS_CODES } from "node:http";
import type { FastifyReply } from "fastify";
import { z } from "zod";

export const problemType = "application/problem+json; charset=utf-8";

export const ProblemDetails = z
  .object({
    type: z.string().describe("A URN that names the kind of error, stable for programs"),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("What is wrong and what to do, for people"),
    instance: z.string().describe("The path that was asked"),
    request_id: z.string(),
    errors: z
      .array(z.object({ pointer: z.string(), message: z.string() }))
      .optional()
      .describe("The offending fields"),
    reasons: z.array(z.string()).optional().describe("Why the service is not ready"),
    error: z.string().optional().describe("The detail again, where clients of InfluxDB look for it"),
  })
  .meta({ id: "ProblemDetails", description: "An error (RFC 9457)" });
export type ProblemDetails = z.infer<typeof ProblemDetails>;

export interface ProblemInput {
  readonly status: number;
  readonly detail: string;
  /** A word for programs; the title of the status when absent. */
  readonly code?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
  readonly reasons?: readonly string[];
  readonly error?: string;
}

export function problemDetails(input: ProblemInput, path: string, requestId: string): ProblemDetails {
  const title = STATUS_CODES[input.status] ?? "Error";
  const code = input.code ?? title.toLowerCase().replaceAll(/[^a-z]+/g, "-");
  return {
    type: `urn:pilothouse:problem:${code}`,
    title,
    status: input.status,
    detail: input.detail,
    instance: path,
    request_id: requestId,
    ...(input.errors === undefined || input.errors.length === 0 ? {} : { errors: [...input.errors] }),
    ...(input.reasons === undefined ? {} : { reasons: [...input.reasons] }),
    ...(input.error === undefined ? {} : { error: input.error }),
  };
}

export const pathOf = (url: string): string => url.split("?", 1)[0] ?? "/";

export function sendProblem(reply: FastifyReply, input: ProblemInput): FastifyReply {
  const { request } = reply;
  const body = problemDetails(input, pathOf(request.url), request.id);
  return reply.code(input.status).type(problemType).header("cache-control", "no-store").send(JSON.stringify(body));
}
