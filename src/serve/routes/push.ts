// Where Proxmox VE's own metric servers push to: POST /api/v2/write and GET /health as InfluxDB 2 has them, and
// POST /v1/metrics as OpenTelemetry does. Paths and answers are theirs; a push token shows whose the samples are.
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { UnauthenticatedError } from "../../lib/errors.ts";
import type { ClusterId } from "../../model/ids.ts";
import { type PushAnswer, type PushOutcome, pushPrecisions } from "../../model/push.ts";
import type { App, Routes, ServeContext } from "../context.ts";
import { errorAnswers } from "../http/answers.ts";
import { HttpError } from "../http/http-error.ts";
import { sendProblem } from "../http/problem-details.ts";

const tags = ["Push"];
const retryAfterS = 10;

export const push: Routes = (app, context) => {
  // Bodies are bytes here, whatever their type says; Proxmox VE sends lines without any.
  app.register((below, _options, done) => {
    below.removeAllContentTypeParsers();
    below.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, parsed) => parsed(null, body));
    addRoutes(below, context);
    done();
  });
};

function addRoutes(app: App, context: ServeContext): void {
  const { limits, version } = context;
  const receive = receiver(context);
  const config = {
    permission: "samples:write",
    // Without a valid token the usual limit holds.
    rateLimit: {
      max: ({ identity }: FastifyRequest) =>
        identity?.credential.kind === "push" ? limits.pushesPerMinute : limits.requestsPerMinute,
    },
  } as const;

  app.post(
    "/api/v2/write",
    {
      config,
      bodyLimit: limits.pushBytes,
      schema: {
        summary: "Take in lines of Proxmox VE's InfluxDB metric server; needs a cluster's push token",
        description: "Organization and bucket count for nothing: the token says which cluster the lines are of.",
        tags,
        querystring: z.object({
          precision: z.enum(pushPrecisions).default("ns").describe("The unit of the lines' times"),
          org: z.string().optional(),
          bucket: z.string().optional(),
        }),
        response: { 204: z.null(), ...errorAnswers },
      },
    },
    async (request, reply) => {
      const answer = await receive(request, "influx", request.query.precision);
      if (answer.outcome === "taken") return reply.code(204).send(null);
      return sendRefusal(reply, answer);
    },
  );

  app.post(
    "/v1/metrics",
    {
      config,
      bodyLimit: limits.pushBytes,
      schema: {
        summary: "Take in JSON of Proxmox VE's OpenTelemetry metric server; needs a cluster's push token",
        tags,
        response: {
          200: z.object({
            partialSuccess: z.object({ rejectedDataPoints: z.int(), errorMessage: z.string() }).optional(),
          }),
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      if (/protobuf/i.test(request.headers["content-type"] ?? "")) {
        throw new HttpError(415, "Protobuf is not taken; send OpenTelemetry's JSON, as Proxmox VE does.");
      }
      const { outcome, sentence, refused, ...rest } = await receive(request, "otlp", "ns");
      if (outcome === "taken") return reply.send({});
      if (outcome !== "partly") return sendRefusal(reply, { outcome, sentence, refused, ...rest });
      return reply.send({ partialSuccess: { rejectedDataPoints: refused, errorMessage: sentence ?? "" } });
    },
  );

  app.get(
    "/health",
    {
      config: { permission: "public" },
      schema: {
        summary: "Whether pushes are taken, as InfluxDB answers it; a token shown as InfluxDB's has to be a push token",
        tags,
        response: {
          200: z.object({ name: z.string(), status: z.literal("pass"), message: z.string(), version: z.string() }),
          ...errorAnswers,
        },
      },
    },
    (request) => {
      // Proxmox VE asks it when a metric server is saved: then a wrong token is better told than accepted.
      if (/^Token /i.test(request.headers.authorization ?? "")) clusterOf(request);
      return { name: "pilothouse", status: "pass" as const, message: "ready for writes", version };
    },
  );
}

type Receive = (
  request: FastifyRequest,
  format: "influx" | "otlp",
  precision: (typeof pushPrecisions)[number],
) => Promise<PushAnswer>;

/** Bodies are large: only so many are held at a time. */
function receiver({ push: port, limits }: ServeContext): Receive {
  let underWay = 0;
  return async (request, format, precision) => {
    const cluster = clusterOf(request);
    const gzipped = isGzipped(request);
    if (underWay >= limits.concurrentPushes) {
      throw new HttpError(429, "Too many pushes at the same time; send this one again.", { "retry-after": "1" });
    }
    underWay += 1;
    try {
      return await port.take({ cluster, format, precision, gzipped, body: bytesOf(request.body) });
    } finally {
      underWay -= 1;
    }
  };
}

/** Throws an UnauthenticatedError. */
function clusterOf({ identity }: FastifyRequest): ClusterId {
  if (identity?.credential.kind === "push") return identity.credential.cluster;
  throw new UnauthenticatedError("Send the cluster's push token as Authorization: Token …; see push.token.");
}

function isGzipped(request: FastifyRequest): boolean {
  const encoding = (request.headers["content-encoding"] ?? "identity").toLowerCase();
  if (encoding === "gzip") return true;
  if (encoding === "identity") return false;
  throw new HttpError(415, "This content encoding is not taken; send gzip or none.");
}

/** A buffer of its own, which can be moved to another thread. */
function bytesOf(body: unknown): ArrayBuffer {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  return new Uint8Array(bytes).buffer;
}

const statusOf: Readonly<Record<Exclude<PushOutcome, "taken">, { readonly status: number; readonly code: string }>> = {
  partly: { status: 400, code: "partial-write" },
  malformed: { status: 400, code: "malformed-push" },
  "too-large": { status: 413, code: "too-large" },
  "not-ready": { status: 503, code: "not-ready" },
};

function sendRefusal(reply: FastifyReply, { outcome, sentence }: PushAnswer): FastifyReply {
  if (outcome === "taken") return reply.code(204).send(null);
  if (outcome === "not-ready") reply.header("retry-after", String(retryAfterS));
  return sendProblem(reply, { ...statusOf[outcome], detail: sentence ?? "The push cannot be taken." });
}
