// Whether a request comes from a page of ours. Browsers tell the origin of everything that changes something and of
// every WebSocket; a cookie alone does not show that a person meant it (CSRF).
import type { FastifyRequest } from "fastify";
import { ForbiddenError } from "../../lib/errors.ts";

export type OriginCheck = (request: FastifyRequest) => void;

/** For requests that change something. Throws a ForbiddenError. */
export function crossSiteCheck(publicUrl: string | null): OriginCheck {
  return (request) => {
    if (["GET", "HEAD", "OPTIONS"].includes(request.method)) return;
    const { origin } = request.headers;
    const byCookie = request.identity?.credential.kind === "session";
    if (isOurs(origin, request, publicUrl)) return;
    if (origin === undefined && request.headers["sec-fetch-site"] === "same-origin") return;
    // Without a session there is nothing to abuse, unless a strange page wants to sign somebody in.
    if (!byCookie && origin === undefined && request.headers["sec-fetch-site"] === undefined) return;
    if (request.identity?.credential.kind === "token") return;
    throw new ForbiddenError(
      "This change was not asked for by a page of this service; use the page itself or an API token.",
    );
  };
}

/** For the stream. Programs with a token need no origin; with a session there must be one. Throws a ForbiddenError. */
export function upgradeOriginCheck(publicUrl: string | null): OriginCheck {
  return (request) => {
    const { origin } = request.headers;
    if (isOurs(origin, request, publicUrl)) return;
    if (origin === undefined && request.identity?.credential.kind !== "session") return;
    throw new ForbiddenError("The stream is open only to pages of this service and to API tokens.");
  };
}

function isOurs(origin: string | undefined, request: FastifyRequest, publicUrl: string | null): boolean {
  if (origin === undefined) return false;
  if (publicUrl !== null && origin === new URL(publicUrl).origin) return true;
  return origin === `${request.protocol}://${request.host}`;
}
