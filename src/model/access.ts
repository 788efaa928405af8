// Who may do what. Every route, topic and command declares one permission; every query is filtered by scope.
import type { ClusterId } from "./ids.ts";

export const roles = ["viewer", "operator", "approver", "admin"] as const;
export type Role = (typeof roles)[number];

export const areas = [
  "fleet",
  "series",
  "tasks",
  "facts",
  "events",
  "problems",
  "jobs",
  "analysis",
  "costs",
  "users",
  "tokens",
  "system",
  "samples",
] as const;
export type Area = (typeof areas)[number];
export type Action = "read" | "plan" | "approve" | "apply" | "admin" | "write";
export type Permission = `${Area}:${Action}`;
/** "public" needs no one to be signed in; it has to be said as openly as any other permission. */
export type DeclaredPermission = Permission | "public";

/** What a principal sees; null means all. */
export interface Scope {
  readonly clusters: readonly ClusterId[] | null;
  readonly pools: readonly string[] | null;
  readonly tags: readonly string[] | null;
}

export const everything: Scope = { clusters: null, pools: null, tags: null };

export interface Principal {
  readonly id: string;
  readonly kind: "user" | "token" | "share" | "system";
  readonly name: string;
  /** "push": a cluster's metric server, which may bring samples and sees nothing. */
  readonly role: Role | "push";
  readonly scope: Scope;
}

const actionsOfRole: Readonly<Record<Principal["role"], readonly Action[]>> = {
  viewer: ["read"],
  operator: ["read", "plan", "apply"],
  approver: ["read", "plan", "approve"],
  admin: ["read", "plan", "approve", "apply", "admin"],
  push: [],
};

/** Users, tokens and the system itself are the administrators' business, reading them included. */
const adminAreas: readonly Area[] = ["users", "tokens", "system"];

export function may(principal: Principal, permission: Permission): boolean {
  const [area, action] = permission.split(":") as [Area, Action];
  // Only its token says which cluster a sample is of; nobody else's could.
  if (area === "samples") return principal.role === "push" && action === "write";
  if (adminAreas.includes(area)) return principal.role === "admin";
  return actionsOfRole[principal.role].includes(action);
}

/** What of an entity decides whether a scope includes it. */
export interface Scoped {
  readonly cluster: ClusterId;
  readonly pool?: string | null;
  readonly tags?: readonly string[];
}

/**
 * A scope by pools or tags shows exactly the guests that carry them; clusters, nodes and storages, which have neither,
 * then stay hidden, because their numbers would tell about other people's guests.
 */
export function inScope(scope: Scope, { cluster, pool, tags }: Scoped): boolean {
  if (scope.clusters !== null && !scope.clusters.includes(cluster)) return false;
  if (scope.pools !== null && !(pool != null && scope.pools.includes(pool))) return false;
  const wanted = scope.tags;
  return wanted === null || (tags ?? []).some((tag) => wanted.includes(tag));
}
