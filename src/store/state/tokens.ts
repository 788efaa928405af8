// API tokens for programs. Only the SHA-256 of a token is kept; revoked ones stay in the list, so that it can be seen
// what there was.
import type { Selectable } from "kysely";
import type { Clock } from "../../lib/clock.ts";
import type { Role, Scope } from "../../model/access.ts";
import type { ApiToken, ApiTokens } from "../../model/accounts.ts";
import type { StateDatabase, StateTables } from "./schema.ts";
import { hashSecret, newId, newSecret, type RandomBytes } from "./secrets.ts";

/** Tells secret scanners and people what a leaked string is. */
const tokenPrefix = "ph_";
const touchMs = 60_000;

export function tokensIn(db: StateDatabase, clock: Clock, random: RandomBytes): ApiTokens {
  async function lookUp(column: "id" | "secret_hash", value: string): Promise<ApiToken | undefined> {
    const row = await db
      .selectFrom("api_tokens")
      .selectAll()
      .where(column, "=", value)
      .where("revoked_at", "is", null)
      .where((where) => where.or([where("expires_at", "is", null), where("expires_at", ">", clock.now())]))
      .executeTakeFirst();
    return row && tokenFrom(row);
  }

  return {
    async list() {
      const rows = await db.selectFrom("api_tokens").selectAll().orderBy("created_at").orderBy("id").execute();
      return rows.map(tokenFrom);
    },

    async create(token) {
      const secret = newSecret(random, tokenPrefix);
      const row = await db
        .insertInto("api_tokens")
        .values({
          id: newId(random),
          secret_hash: hashSecret(secret),
          name: token.name,
          role: token.role,
          scope: JSON.stringify(token.scope),
          created_by: token.createdBy,
          created_at: clock.now(),
          expires_at: token.expiresAt,
          last_used_at: null,
          revoked_at: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return { token: tokenFrom(row), secret };
    },

    async find(secret) {
      const token = await lookUp("secret_hash", hashSecret(secret));
      if (token === undefined) return undefined;
      const now = clock.now();
      if (now - (token.lastUsedAt ?? 0) >= touchMs) {
        await db.updateTable("api_tokens").set({ last_used_at: now }).where("id", "=", token.id).execute();
      }
      return token;
    },

    check: (id) => lookUp("id", id),

    async revoke(id) {
      const { numUpdatedRows } = await db
        .updateTable("api_tokens")
        .set({ revoked_at: clock.now() })
        .where("id", "=", id)
        .where("revoked_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

function tokenFrom(row: Selectable<StateTables["api_tokens"]>): ApiToken {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    scope: JSON.parse(row.scope) as Scope,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}
