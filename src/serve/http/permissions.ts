// Every route says what it needs, or the process does not start. The check itself stands here and nowhere else.
import type { FastifyRequest, RouteOptions } from "fastify";
import { ForbiddenError, UnauthenticatedError } from "../../lib/errors.ts";
import { type DeclaredPermission, may, type Permission, type Principal } from "../../model/access.ts";

export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly permission: DeclaredPermission;
}

/** For fastify's onRoute; throws for a route without a permission. `byPrefix` speaks for the routes of bought-in plugins. */
export function declareRoute(routes: DeclaredRoute[], byPrefix: Readonly<Record<string, DeclaredPermission>>) {
  return (route: RouteOptions & { readonly path: string }): void => {
    const prefix = Object.keys(byPrefix).find((start) => route.path === start || route.path.startsWith(`${start}/`));
    const permission = route.config?.permission ?? (prefix === undefined ? undefined : byPrefix[prefix]);
    if (permission === undefined) {
      throw new TypeError(`route ${String(route.method)} ${route.path} declares no permission`);
    }
    route.config = { ...route.config, permission };
    for (const method of [route.method].flat()) routes.push({ method, url: route.path, permission });
  };
}

/** Throws an UnauthenticatedError or ForbiddenError. */
export function checkPermission(request: FastifyRequest): void {
  const { permission } = request.routeOptions.config;
  if (permission === "public" || request.is404) return;
  const principal = principalOf(request);
  if (permission === undefined || !may(principal, permission)) throw forbidden(permission);
}

const forbidden = (permission: Permission | undefined): ForbiddenError =>
  new ForbiddenError(`This needs the permission ${permission ?? "(none declared)"}, which your role does not have.`);

/** Who asks. Throws an UnauthenticatedError when nobody is signed in. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.identity === null) {
    throw new UnauthenticatedError("Sign in, or send a valid API token as Authorization: Bearer ph_….");
  }
  return request.identity.principal;
}
