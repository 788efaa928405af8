// The API token that a request shows, in any of the ways that clients know: ours (Bearer), InfluxDB's (Token, or user and
// password of which the password is the token), and where a route allows it, InfluxDB's u and p in the address.
import type { FastifyRequest } from "fastify";
import { Secret } from "../../lib/secret.ts";

const tokenForm = /^ph_[\w-]{1,200}$/;

/** Undefined when none is shown; "wrong" when something is shown that cannot be one of our tokens. */
export function shownToken(request: FastifyRequest): Secret | "wrong" | undefined {
  const { authorization } = request.headers;
  const shown = authorization === undefined ? inAddress(request) : inHeader(authorization);
  if (shown === undefined) return undefined;
  return tokenForm.test(shown) ? new Secret(shown) : "wrong";
}

function inHeader(header: string): string {
  const [, scheme = "", value = ""] = /^(bearer|token|basic) +(\S+)$/i.exec(header) ?? [];
  if (scheme.toLowerCase() !== "basic") return value;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}

/** An address ends up in logs of proxies, so this is for routes whose clients know nothing better. */
function inAddress({ routeOptions, query }: FastifyRequest): string | undefined {
  if (routeOptions.config.tokenInAddress !== true) return undefined;
  const p = (query as Readonly<Record<string, unknown>>)["p"];
  return typeof p === "string" && p !== "" ? p : undefined;
}
