// Compresses answers that are worth it. Only what GET brings: answers to changes may hold a secret, and the length of
// a compressed secret beside chosen text tells about it.
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";

const leastBytes = 1_024;
const compressible = /^(application\/([a-z.+-]*\+)?json|text\/)/;
const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

export async function compress(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (request.method !== "GET" || reply.hasHeader("content-encoding")) return payload;
  if (typeof payload !== "string" || payload.length < leastBytes) return payload;
  if (!compressible.test(String(reply.getHeader("content-type") ?? ""))) return payload;
  const encoding = acceptedEncoding(request.headers["accept-encoding"]);
  if (encoding === undefined) return payload;
  reply.header("content-encoding", encoding);
  reply.removeHeader("content-length");
  return encoding === "br"
    ? brotli(payload, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })
    : gzipped(payload, { level: 5 });
}

/** br before gzip; an encoding with q=0 is refused. */
export function acceptedEncoding(header: string | string[] | undefined): "br" | "gzip" | undefined {
  const offers = String(header ?? "").split(",");
  const accepts = (name: string): boolean =>
    offers.some((offer) => {
      const [offered = "", ...parameters] = offer.split(";").map((part) => part.trim().toLowerCase());
      return offered === name && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    });
  if (accepts("br")) return "br";
  return accepts("gzip") ? "gzip" : undefined;
}
