// Events as points of `pve_event`: a point per event, with its words in fields. Two tasks of a guest may begin in the same
// second; what follows the millisecond is made of the event's key, so that each keeps its place, however often it comes.
import { createHash } from "node:crypto";
import type { Event } from "../../../model/event.ts";
import { eventMeasurement, influxTagKeys, influxTagsOfId } from "../../../model/influx-schema.ts";
import { quotedField, seriesKey } from "./line-text.ts";
import { nanosecondsOf } from "./point-time.ts";

/** Events before `fromMs` are left out. The tag `type` is the topic: task, log, config, ha, fact. */
export const eventLines = (events: readonly Event[], fromMs: number): string[] =>
  events.filter(({ at }) => at >= fromMs).map(lineOf);

function lineOf(event: Event): string {
  const { at, endedAt, topic, cluster, subject, node, type, state, user, text, eventKey } = event;
  const tags = { ...influxTagsOfId(subject, { node, type: null }), cluster, type: topic };
  const ordered = influxTagKeys.map((key) => [key, tags[key] ?? (key === "node" ? node : null)] as const);
  const fields = [
    `kind=${quotedField(type)}`,
    `state=${quotedField(state)}`,
    `title=${quotedField([type, subject.split("/").slice(1).join(" "), state].join(" "))}`,
    `text=${quotedField(text)}`,
    `user=${quotedField(user ?? "")}`,
    ...(endedAt === null ? [] : [`duration_seconds=${Math.max(0, (endedAt - at) / 1000)}`]),
  ];
  return `${seriesKey(eventMeasurement, Object.fromEntries(ordered))} ${fields.join(",")} ${nanosecondsOf(Math.round(at), placeOf(eventKey))}`;
}

const placeOf = (key: string): number => createHash("sha256").update(key).digest().readUInt32BE(0) % 1_000_000;
