// What an administrator does from the command line: tokens and setup links. A running service does it over its control
// socket; without one the state database is opened here. Both run the same methods.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import type { Clock } from "../lib/clock.ts";
import { InputError, NotFoundError, StoreError } from "../lib/errors.ts";
import { type Role, roles, type Scope } from "../model/access.ts";
import type { ApiToken, ApiTokens, SetupLinks } from "../model/accounts.ts";
import { type ControlMethods, controlCall, NoServiceError } from "./control.ts";

/** The state database inside the data directory. */
export const stateFileName = "state.db";

export interface AdminParts {
  readonly tokens: ApiTokens;
  readonly setupLinks: SetupLinks;
  /** The address people use, without a trailing slash. */
  readonly url: string;
}

/** `token.create`, `token.list`, `token.revoke` and `setup-link`; the service adds its own. */
export function adminMethods({ tokens, setupLinks, url }: AdminParts): ControlMethods {
  return {
    "token.create": async (params) => {
      const expiresAt = typeof params["expiresAt"] === "number" ? params["expiresAt"] : null;
      const made = await tokens.create({
        name: String(params["name"]),
        role: roleFrom(params["role"]),
        scope: params["scope"] as Scope,
        createdBy: null,
        expiresAt,
      });
      return { token: made.token, secret: made.secret.reveal() };
    },
    "token.list": () => tokens.list(),
    "token.revoke": async (params) => {
      const id = String(params["id"]);
      if (!(await tokens.revoke(id)))
        throw new NotFoundError(`There is no valid token "${id}"; see: pilothouse token list`);
      return { id };
    },
    "setup-link": async () => ({
      url: `${url.replace(/\/$/, "")}/setup#token=${(await setupLinks.create()).reveal()}`,
    }),
  };
}

/** Runs one method in the running service, or here when there is none. */
export async function adminCall(
  settings: Settings,
  clock: Clock,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  try {
    return await controlCall(settings.dataDir, method, params);
  } catch (error) {
    if (!(error instanceof NoServiceError) || error.message.includes("another user")) throw error;
    return callHere(settings, clock, method, params);
  }
}

async function callHere(
  settings: Settings,
  clock: Clock,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  if (!existsSync(settings.dataDir)) {
    throw new StoreError(
      `The data directory ${settings.dataDir} does not exist yet; start the service once: pilothouse serve`,
    );
  }
  const { openState } = await import("../store/state/index.ts");
  const state = await openState({ path: join(settings.dataDir, stateFileName), clock });
  try {
    const run = adminMethods({ ...state, url: publicUrlOf(settings) })[method];
    return await run?.(params);
  } finally {
    await state.close();
  }
}

/** The address people use, by the configuration alone. */
export function publicUrlOf({ server }: Pick<Settings, "server">): string {
  if (server.publicUrl !== null) return server.publicUrl;
  const anywhere = server.host === "0.0.0.0" || server.host === "::";
  const host = anywhere ? "127.0.0.1" : server.host.includes(":") ? `[${server.host}]` : server.host;
  return `${server.tls === null ? "http" : "https"}://${host}:${server.port}${server.basePath}`;
}

/** What token.create and token.list give of a token, times in ISO 8601. */
export function shownToken(token: ApiToken): Readonly<Record<string, unknown>> {
  const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    scope: token.scope,
    created_at: time(token.createdAt),
    expires_at: time(token.expiresAt),
    last_used_at: time(token.lastUsedAt),
    revoked_at: time(token.revokedAt),
  };
}

function roleFrom(value: unknown): Role {
  const role = roles.find((candidate) => candidate === value);
  if (role === undefined) throw new InputError(`"${String(value)}" is no role; expected one of ${roles.join(", ")}.`);
  return role;
}
