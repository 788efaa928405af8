// Signed-in browsers. A session ends by itself after a week, or after half a day in which nobody used it.
import type { Clock } from "../../lib/clock.ts";
import type { Session, Sessions } from "../../model/accounts.ts";
import type { StateDatabase } from "./schema.ts";
import { hashSecret, newId, newSecret, type RandomBytes } from "./secrets.ts";
import { userFrom } from "./users.ts";

const absoluteMs = 7 * 24 * 3_600_000;
const idleMs = 12 * 3_600_000;
/** Use is written down this often at most; a write for every request would wear the disk. */
const touchMs = 60_000;

export function sessionsIn(db: StateDatabase, clock: Clock, random: RandomBytes): Sessions {
  async function lookUp(column: "sessions.id" | "sessions.secret_hash", value: string) {
    const now = clock.now();
    const row = await db
      .selectFrom("sessions")
      .innerJoin("users", "users.id", "sessions.user_id")
      .where(column, "=", value)
      .where("sessions.expires_at", ">", now)
      .where("sessions.last_used_at", ">", now - idleMs)
      .select(["sessions.id as session_id", "sessions.created_at as session_created_at", "last_used_at", "expires_at"])
      .select(["users.id", "users.name", "users.role", "users.scope", "users.created_at", "users.last_login_at"])
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const session: Session = {
      id: row.session_id,
      user: userFrom(row),
      createdAt: row.session_created_at,
      expiresAt: row.expires_at,
    };
    return { session, lastUsedAt: row.last_used_at };
  }

  return {
    async create(userId) {
      const now = clock.now();
      const [id, secret, expiresAt] = [newId(random), newSecret(random), now + absoluteMs];
      await db.deleteFrom("sessions").where("expires_at", "<=", now).execute();
      await db
        .deleteFrom("sessions")
        .where("last_used_at", "<=", now - idleMs)
        .execute();
      await db
        .insertInto("sessions")
        .values({
          id,
          secret_hash: hashSecret(secret),
          user_id: userId,
          created_at: now,
          last_used_at: now,
          expires_at: expiresAt,
        })
        .execute();
      return { id, secret, expiresAt };
    },

    async find(secret) {
      const found = await lookUp("sessions.secret_hash", hashSecret(secret));
      if (found === undefined) return undefined;
      const now = clock.now();
      if (now - found.lastUsedAt >= touchMs) {
        await db.updateTable("sessions").set({ last_used_at: now }).where("id", "=", found.session.id).execute();
      }
      return found.session;
    },

    async check(id) {
      return (await lookUp("sessions.id", id))?.session;
    },

    async remove(id) {
      const { numDeletedRows } = await db.deleteFrom("sessions").where("id", "=", id).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
