// The users of this installation. Passwords are kept as argon2id hashes and nowhere else.
import { hash, verify } from "@node-rs/argon2";
import type { Insertable, Selectable } from "kysely";
import type { Clock } from "../../lib/clock.ts";

import type { Role, Scope } from "../../model/access.ts";
import type { NewUser, User, Users } from "../../model/accounts.ts";
import type { StateDatabase, StateTables } from "./schema.ts";
import { newId, newSecret, type RandomBytes } from "./secrets.ts";

/** OWASP's least for argon2id: 19 MiB, two passes, one lane (argon2id is the library's default variant). */
const cost = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

const nameKey = (name: string): string => name.normalize("NFC").toLowerCase();

export function usersIn(db: StateDatabase, clock: Clock, random: RandomBytes): Users {
  // Checked when there is no such user, so that an answer takes as long and tells nothing.
  let decoy: Promise<string> | undefined;
  const decoyHash = (): Promise<string> => (decoy ??= hash(newSecret(random).reveal(), cost));

  return {
    async count() {
      const row = await db
        .selectFrom("users")
        .select(({ fn }) => fn.countAll<number | string>().as("count"))
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },

    async list() {
      return (await db.selectFrom("users").selectAll().orderBy("name_key").execute()).map(userFrom);
    },

    async get(id) {
      const row = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();
      return row && userFrom(row);
    },

    async create(user) {
      const row = await newRow(user, newId(random), clock.now());
      const added = await db
        .insertInto("users")
        .values(row)
        .onConflict((conflict) => conflict.column("name_key").doNothing())
        .returningAll()
        .executeTakeFirst();
      return added && userFrom(added);
    },

    async verify(name, password) {
      const row = await db.selectFrom("users").selectAll().where("name_key", "=", nameKey(name)).executeTakeFirst();
      const right = await verify(row?.password_hash ?? (await decoyHash()), password.reveal());
      if (row === undefined || !right) return undefined;
      await db.updateTable("users").set({ last_login_at: clock.now() }).where("id", "=", row.id).execute();
      return userFrom(row);
    },

    async changePassword(id, password, keepSession) {
      const password_hash = await hash(password.reveal(), cost);
      return db.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable("users")
          .set({ password_hash })
          .where("id", "=", id)
          .executeTakeFirst();
        await transaction
          .deleteFrom("sessions")
          .where("user_id", "=", id)
          .where("id", "!=", keepSession ?? "")
          .execute();
        return numUpdatedRows > 0n;
      });
    },

    async remove(id) {
      return db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom("sessions").where("user_id", "=", id).execute();
        const { numDeletedRows } = await transaction.deleteFrom("users").where("id", "=", id).executeTakeFirst();
        return numDeletedRows > 0n;
      });
    },
  };
}

async function newRow(user: NewUser, id: string, now: number): Promise<Insertable<StateTables["users"]>> {
  return {
    id,
    name: user.name,
    name_key: nameKey(user.name),
    password_hash: await hash(user.password.reveal(), cost),
    role: user.role,
    scope: JSON.stringify(user.scope),
    created_at: now,
    last_login_at: null,
  };
}

export function userFrom(row: Omit<Selectable<StateTables["users"]>, "name_key" | "password_hash">): User {
  return {
    id: row.id,
    name: row.name,
    role: row.role as Role,
    scope: JSON.parse(row.scope) as Scope,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at,
  };
}
