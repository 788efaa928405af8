// One-time links with which the first administrator is made. Whoever can read the service's output may use one.
import type { Clock } from "../../lib/clock.ts";
import type { SetupLinks } from "../../model/accounts.ts";
import type { StateDatabase } from "./schema.ts";
import { hashSecret, newSecret, type RandomBytes } from "./secrets.ts";

const validMs = 15 * 60_000;

export function setupLinksIn(db: StateDatabase, clock: Clock, random: RandomBytes): SetupLinks {
  return {
    async create() {
      const secret = newSecret(random);
      await db.deleteFrom("setup_links").where("expires_at", "<=", clock.now()).execute();
      await db
        .insertInto("setup_links")
        .values({ secret_hash: hashSecret(secret), expires_at: clock.now() + validMs })
        .execute();
      return secret;
    },

    async redeem(secret) {
      return db.transaction().execute(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom("setup_links")
          .where("secret_hash", "=", hashSecret(secret))
          .where("expires_at", ">", clock.now())
          .executeTakeFirst();
        if (numDeletedRows === 0n) return false;
        await transaction.deleteFrom("setup_links").execute();
        return true;
      });
    },
  };
}
