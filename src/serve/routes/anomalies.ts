// GET /api/v1/anomalies, GET /api/v1/anomaly-watch
import { z } from "zod";
import {
  type AnomalyDayDocument,
  type AnomalyRecord,
  type AnomalyWatchDocument,
  anomalyDayName,
  anomalyWatchName,
  dayKey,
} from "../../model/anomalies.ts";
import { nodeEntityId, parseEntityId } from "../../model/ids.ts";
import type { Routes } from "../context.ts";
import { AnomalyItem, anomalyItem } from "../items/anomaly-item.ts";
import { isoTime } from "../items/time.ts";
import { addList } from "../lists/list-route.ts";

/** What began before the stretch and lasted into it stands in the document of an earlier day. */
const longestMs = 9 * 86_400_000;

const WatchItem = z
  .object({
    cluster: z.string(),
    watched_to_at: z.string().nullable().describe("Rows up to here have been judged"),
    watched: z.number().describe("Series that are watched"),
    of_half_hours: z.number().describe("Of these, on rows of half an hour: finer ones reach back less than two weeks"),
    waiting: z.number().describe("Series whose past is not learned yet"),
    too_short: z.number().describe("Series with less than the two weeks of history that are needed"),
    longest_days: z.number().nullable().describe("History of the longest of those, in days"),
  })
  .meta({ id: "AnomalyWatch" });
type WatchItem = z.infer<typeof WatchItem>;

export const anomalies: Routes = (app, context) => {
  const { documents } = context.analysis;
  addList<AnomalyItem>(app, context, {
    name: "anomalies",
    summary: "What was unusual, newest first: with what was to be expected, what happened nearby, and what mutes it",
    permission: "analysis:read",
    item: AnomalyItem,
    since: "-30d",
    items: async (fleet, { fromMs, toMs }) => {
      const days = { fromKey: dayKey(Math.max(0, fromMs - longestMs)), toKey: dayKey(toMs) };
      const found = await documents.list({ name: anomalyDayName, ...days });
      return found
        .flatMap(({ body }) => (body as AnomalyDayDocument).anomalies)
        .filter((record) => isWithin(record, fromMs, toMs) && fleet.seesSubject(record.subject))
        .map(anomalyItem);
    },
    id: (item) => item.id,
    searchable: (item) => [item.subject, item.name, item.metric, item.message],
    filters: {
      cluster: (item) => [item.cluster],
      subject: (item) => [item.subject, ownerOf(item.subject)],
      metric: (item) => [item.metric],
      reason: (item) => [item.reason],
      cause: (item) => [item.cause],
      muted: (item) => [String(item.muted)],
      open: (item) => [String(item.open)],
    },
    defaultSort: "-from_at",
  });
  addList<WatchItem>(app, context, {
    name: "anomaly-watch",
    summary: "How far the watch for anomalies is, cluster by cluster",
    permission: "analysis:read",
    item: WatchItem,
    items: async (fleet) => {
      const found = await documents.list({ name: anomalyWatchName });
      return found.flatMap(({ cluster, body }) =>
        cluster !== null && fleet.seesSubject(`${cluster}/cluster`)
          ? [watchItem(cluster, body as AnomalyWatchDocument)]
          : [],
      );
    },
    id: ({ cluster }) => cluster,
    searchable: ({ cluster }) => [cluster],
    filters: { cluster: ({ cluster }) => [cluster] },
    defaultSort: "cluster",
  });
};

const isWithin = ({ fromMs, toMs }: AnomalyRecord, beginMs: number, endMs: number): boolean =>
  fromMs < endMs && toMs >= beginMs;

/** The answer time of a target is asked for with its node. */
function ownerOf(subject: string): string | null {
  const ref = parseEntityId(subject);
  return ref?.kind === "target" ? nodeEntityId(ref.cluster, ref.key) : null;
}

const watchItem = (cluster: string, state: AnomalyWatchDocument): WatchItem => ({
  cluster,
  watched_to_at: isoTime(state.watchedToMs),
  watched: state.watched,
  of_half_hours: state.ofHalfHours,
  waiting: state.waiting,
  too_short: state.tooShort,
  longest_days: state.longestDays,
});
