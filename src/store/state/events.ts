// What happened, in one table; an event that is told twice is kept once. Bounded by age and number.

import type { Clock } from "../../lib/clock.ts";
import { inGroups } from "../../lib/in-groups.ts";
import type { Event, EventLog, NewEvent } from "../../model/event.ts";
import type { StateDatabase } from "./schema.ts";

const keepMs = 400 * 24 * 3_600_000;
const keepCount = 500_000;
const rowsPerStatement = 100;

export interface StoredEvents extends EventLog {
  /** Adds what is new; of a known event only its end, state and text are taken over. */
  add(events: readonly NewEvent[]): Promise<void>;
  /** In the order in which they were noted, those behind a place in it. */
  after(seq: number, limit: number): Promise<readonly Event[]>;
}

export function eventsIn(db: StateDatabase, clock: Clock): StoredEvents {
  return {
    async add(events) {
      const unique = [...new Map(events.map((event) => [event.eventKey, event])).values()];
      if (unique.length === 0) return;
      await db.transaction().execute(async (transaction) => {
        for (const some of inGroups(unique, rowsPerStatement)) {
          await transaction
            .insertInto("events")
            .values(some.map(rowOf))
            .onConflict((conflict) =>
              conflict.column("event_key").doUpdateSet((row) => ({ body: row.ref("excluded.body") })),
            )
            .execute();
        }
        await prune(transaction, clock.now() - keepMs);
      });
    },

    async after(seq, limit) {
      const rows = await db
        .selectFrom("events")
        .select(["seq", "body"])
        .where("seq", ">", seq)
        .orderBy("seq")
        .limit(limit)
        .execute();
      return rows.map(eventOf);
    },

    async query({ fromMs, toMs, cluster, subject, node, topics, types, after, limit }) {
      let query = db.selectFrom("events").select(["seq", "body"]).where("at", ">=", fromMs).where("at", "<", toMs);
      if (cluster !== undefined) query = query.where("cluster", "=", cluster);
      if (topics !== undefined) query = query.where("topic", "in", [...topics]);
      if (types !== undefined) {
        // The type stands in the body alone; quotes within a text are escaped there, so that nothing else looks like it.
        query = query.where((where) =>
          where.or(types.map((type) => where("body", "like", `%"type":${JSON.stringify(type)}%`))),
        );
      }
      if (subject !== undefined) {
        query = query.where((where) =>
          node === undefined
            ? where("subject", "=", subject)
            : where.or([where("subject", "=", subject), where("node", "=", node)]),
        );
      }
      if (after !== undefined) {
        query = query.where((where) =>
          where.or([where("at", "<", after.at), where.and([where("at", "=", after.at), where("seq", "<", after.seq)])]),
        );
      }
      const rows = await query.orderBy("at", "desc").orderBy("seq", "desc").limit(limit).execute();
      return rows.map(eventOf);
    },
  };
}

const eventOf = ({ seq, body }: { readonly seq: number; readonly body: string }): Event => ({
  seq,
  ...(JSON.parse(body) as NewEvent),
});

const rowOf = (event: NewEvent) => ({
  event_key: event.eventKey,
  at: event.at,
  cluster: event.cluster,
  topic: event.topic,
  subject: event.subject,
  node: event.node,
  body: JSON.stringify(event),
});

async function prune(db: StateDatabase, before: number): Promise<void> {
  await db.deleteFrom("events").where("at", "<", before).execute();
  const newest = await db.selectFrom("events").select("seq").orderBy("seq", "desc").limit(1).executeTakeFirst();
  if (newest !== undefined) {
    await db
      .deleteFrom("events")
      .where("seq", "<=", newest.seq - keepCount)
      .execute();
  }
}
