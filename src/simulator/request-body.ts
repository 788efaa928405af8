// Reads what a request carries: the query, and for writing methods a form or JSON body within PVE's limits.
import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";

const maxBodyBytes = 512 * 1024;

/** Query and body as one list of parameters; PVE does not tell them apart. */
export async function readParameters(request: IncomingMessage, query: URLSearchParams): Promise<Map<string, string>> {
  const parameters = new Map(query.entries());
  const method = request.method ?? "GET";
  if (request.headers["transfer-encoding"] !== undefined) {
    throw new ApiError(501, "chunked transfer encoding not supported");
  }
  const length = Number(request.headers["content-length"] ?? 0);
  if (length === 0) return parameters;
  if (method === "GET" || method === "DELETE") throw new ApiError(501, `Unexpected content for method '${method}'`);
  if (length > maxBodyBytes) throw new ApiError(501, "for data too large");
  const body = await readAll(request);
  for (const [name, value] of parse(request.headers["content-type"] ?? "", body)) parameters.set(name, value);
  return parameters;
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function parse(contentType: string, body: string): Iterable<readonly [string, string]> {
  if (contentType.startsWith("application/json")) return fromJson(body);
  if (contentType.startsWith("application/x-www-form-urlencoded") || contentType === "") {
    return new URLSearchParams(body).entries();
  }
  throw new ApiError(501, "upload data not supported");
}

function fromJson(body: string): Iterable<readonly [string, string]> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null) throw new TypeError("not an object");
    return Object.entries(value).map(([name, entry]) => [
      name,
      String(entry === true ? 1 : entry === false ? 0 : entry),
    ]);
  } catch {
    throw new ApiError(400, "malformed JSON string");
  }
}
