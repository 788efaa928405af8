// GET /api/v1/events: what happened (tasks, log lines, changed configurations, HA), for lists and for marks on graphs.
import { z } from "zod";
import { InputError, NotFoundError } from "../../lib/errors.ts";
import { type Event, type EventQuery, eventTopics } from "../../model/event.ts";
import type { LiveEntity } from "../../model/fleet.ts";
import type { Routes } from "../context.ts";
import { errorAnswers, jsonOrCsv } from "../http/answers.ts";
import { principalOf } from "../http/permissions.ts";
import { isoTime } from "../items/time.ts";
import { acceptsCsv } from "../lists/accepts-csv.ts";
import { csvOf, csvType } from "../lists/csv.ts";
import { many } from "../lists/many.ts";
import { type ScopedFleet, scopedFleet } from "../scoped-fleet.ts";
import { parseTime } from "../series/time-range.ts";

const time = z.string().nullable().describe("ISO 8601, UTC");

const EventItem = z
  .object({
    seq: z.number(),
    at: time,
    ended_at: time,
    topic: z.enum(eventTopics),
    type: z.string().describe("PVE's own word: the task type, the log line's program, the kind of fact"),
    cluster: z.string(),
    subject: z.string(),
    node: z.string().nullable(),
    user: z.string().nullable(),
    state: z.enum(["running", "ok", "warning", "failed", "info", "unknown"]),
    text: z.string(),
  })
  .meta({ id: "Event" });
type EventItem = z.infer<typeof EventItem>;

const EventsAnswer = z.object({
  items: z.array(EventItem),
  next: z.string().nullable().describe("The cursor of the next page, which may hold less than `limit`"),
});

const Query = z.strictObject({
  from: z.string().max(40).default("-1d").describe("ISO 8601, milliseconds since the epoch, or relative such as -1h"),
  to: z.string().max(40).default("now"),
  subject: z
    .string()
    .max(300)
    .optional()
    .describe("Only about this entity; of a node also what happened on it, of a cluster all"),
  topic: many("Only these topics").optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
  cursor: z.string().max(60).optional(),
});

export const events: Routes = (app, { fleet, events: log, clock }) => {
  app.get(
    "/api/v1/events",
    {
      config: { permission: "events:read" },
      schema: {
        summary: "What happened, newest first",
        tags: ["Lists"],
        querystring: Query,
        response: {
          200: jsonOrCsv("One page", EventsAnswer),
          ...errorAnswers,
        },
      },
    },
    async (request, reply) => {
      const view = scopedFleet(fleet, principalOf(request).scope);
      const { from, to, topic, subject, limit, cursor } = request.query;
      const found = await log.query({
        fromMs: parseTime(from, "from", clock.now()),
        toMs: parseTime(to, "to", clock.now()),
        topics: topic === undefined ? undefined : eventTopics.filter((known) => topic.includes(known)),
        ...about(view, subject),
        after: cursor === undefined ? undefined : readCursor(cursor),
        limit,
      });
      const items = found.filter((event) => view.find(event.subject) !== undefined).map(itemOf);
      const last = found.length < limit ? undefined : found.at(-1);
      const next = last === undefined ? null : `${last.at}-${last.seq}`;
      if (!acceptsCsv(request)) return reply.send({ items, next });
      if (next !== null) reply.header("x-next-cursor", next);
      return reply.type(csvType).send(
        csvOf(
          columns,
          items.map((item) => columns.map((column) => item[column])),
        ),
      );
    },
  );
};

function about(view: ScopedFleet, subject: string | undefined): Pick<EventQuery, "cluster" | "subject" | "node"> {
  if (subject === undefined) return {};
  const live: LiveEntity | undefined = view.find(subject);
  if (live === undefined) throw new NotFoundError("There is nothing with this id.");
  const { id, cluster, kind, name } = live.entity;
  if (kind === "cluster") return { cluster };
  return kind === "node" ? { cluster, subject: id, node: name } : { cluster, subject: id };
}

function readCursor(cursor: string): { readonly at: number; readonly seq: number } {
  const [, at, seq] = /^(\d{1,15})-(\d{1,15})$/.exec(cursor) ?? [];
  if (at !== undefined && seq !== undefined) return { at: Number(at), seq: Number(seq) };
  const message = "not a cursor of this list; take `next` of the page before";
  throw new InputError(`cursor: ${message}.`, [{ pointer: "/query/cursor", message }]);
}

const itemOf = ({ seq, at, endedAt, topic, type, cluster, subject, node, user, state, text }: Event): EventItem => ({
  seq,
  at: isoTime(at),
  ended_at: isoTime(endedAt),
  topic,
  type,
  cluster,
  subject,
  node,
  user,
  state,
  text,
});

const columns = [
  "seq",
  "at",
  "ended_at",
  "topic",
  "type",
  "cluster",
  "subject",
  "node",
  "user",
  "state",
  "text",
] as const;
