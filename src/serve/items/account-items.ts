// Principals, users and tokens as the API shows them, and what it takes to make one.
import { z } from "zod";
import { type Action, areas, may, type Permission, type Principal, roles, type Scope } from "../../model/access.ts";
import type { ApiToken, User } from "../../model/accounts.ts";
import { ClusterId } from "../../model/ids.ts";
import { isoTime } from "./time.ts";

const names = z.array(z.string().min(1).max(200)).max(1_000).nullable();

export const ScopeItem = z
  .object({ clusters: z.array(ClusterId).max(1_000).nullable(), pools: names, tags: names })
  .meta({ id: "Scope", description: "What is seen; null means all" });

export const ScopeInput = z
  .strictObject({
    clusters: z.array(ClusterId).max(1_000).nullable().default(null),
    pools: names.default(null),
    tags: names.default(null),
  })
  .describe("What is seen; what is null or left out is not limited");

export const Role = z.enum(roles);

export const AccountName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@ -]{0,63}$/u,
    "1–64 letters, digits, blanks and . _ @ -, beginning with a letter or digit",
  );

/** Long enough that guessing is hopeless beside the backoff; bounded, because hashing costs by length. */
export const NewPassword = z.string().min(10, "a password has at least 10 characters").max(256);

export const MeItem = z
  .object({
    id: z.string(),
    kind: z.enum(["user", "token", "share", "system"]),
    name: z.string(),
    role: z.enum([...roles, "push"]),
    scope: ScopeItem,
    permissions: z.array(z.string()),
  })
  .meta({ id: "Me" });

const actions: readonly Action[] = ["read", "plan", "approve", "apply", "admin"];
const permissions = areas.flatMap((area) => actions.map((action): Permission => `${area}:${action}`));

export const meOf = (principal: Principal): z.infer<typeof MeItem> => ({
  id: principal.id,
  kind: principal.kind,
  name: principal.name,
  role: principal.role,
  scope: scopeItem(principal.scope),
  permissions: permissions.filter((permission) => may(principal, permission)),
});

const copy = (list: readonly string[] | null): string[] | null => (list === null ? null : [...list]);

export const scopeItem = ({ clusters, pools, tags }: Scope): z.infer<typeof ScopeItem> => ({
  clusters: copy(clusters),
  pools: copy(pools),
  tags: copy(tags),
});

export const UserItem = z
  .object({
    id: z.string(),
    name: z.string(),
    role: Role,
    scope: ScopeItem,
    created_at: z.string().nullable(),
    last_login_at: z.string().nullable(),
  })
  .meta({ id: "User" });

export const userItem = (user: User): z.infer<typeof UserItem> => ({
  id: user.id,
  name: user.name,
  role: user.role,
  scope: scopeItem(user.scope),
  created_at: isoTime(user.createdAt),
  last_login_at: isoTime(user.lastLoginAt),
});

export const TokenItem = z
  .object({
    id: z.string(),
    name: z.string(),
    role: Role,
    scope: ScopeItem,
    created_by: z.string().nullable(),
    created_at: z.string().nullable(),
    expires_at: z.string().nullable(),
    last_used_at: z.string().nullable(),
    revoked_at: z.string().nullable(),
  })
  .meta({ id: "ApiToken" });

export const tokenItem = (token: ApiToken): z.infer<typeof TokenItem> => ({
  id: token.id,
  name: token.name,
  role: token.role,
  scope: scopeItem(token.scope),
  created_by: token.createdBy,
  created_at: isoTime(token.createdAt),
  expires_at: isoTime(token.expiresAt),
  last_used_at: isoTime(token.lastUsedAt),
  revoked_at: isoTime(token.revokedAt),
});
