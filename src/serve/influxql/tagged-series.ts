// What a measurement has: the things of its kind that the caller may see, each with its tags, and which of them a
// condition chooses. Tags are those of the present: a guest that migrated has its whole past under its node of today.
import { InputError } from "../../lib/errors.ts";
import { type EntityId, type EntityKind, partKinds } from "../../model/ids.ts";
import {
  fieldKeysOf,
  type InfluxTagKey,
  type InfluxTags,
  influxTagKeys,
  influxTagsOf,
  influxTagsOfId,
  kindOfMeasurement,
  measurementOf,
  measurements,
} from "../../model/influx-schema.ts";
import { findMetric, type MetricId } from "../../model/metrics.ts";
import type { MetricsStore } from "../../model/store.ts";
import type { ScopedFleet } from "../scoped-fleet.ts";
import { patternTest } from "./pattern.ts";
import type { TagCondition } from "./query.ts";

export interface TaggedSeries {
  readonly id: EntityId;
  readonly tags: InfluxTags;
  /** The newest values, of what is in the fleet. */
  readonly live: { readonly at: number; readonly values: Readonly<Record<MetricId, number>> } | null;
}

export interface SeriesSource {
  readonly fleet: ScopedFleet;
  readonly store: Pick<MetricsStore, "latest">;
}

/** Everything of a kind, also what is gone, unless it went before. Targets, disks and pools: those with a sample since. */
export async function seriesOfKind(source: SeriesSource, kind: EntityKind, sinceMs: number): Promise<TaggedSeries[]> {
  if (partKinds.includes(kind)) {
    const rows = await source.store.latest(kind, sinceMs);
    const seen = rows.filter(({ id }) => source.fleet.findId(id) !== undefined);
    return seen.map(({ id }) => ({ id, tags: influxTagsOfId(id, { node: null, type: null }) ?? {}, live: null }));
  }
  const there = source.fleet.list(kind, { gone: true }).filter(({ entity }) => (entity.goneAt ?? sinceMs) >= sinceMs);
  return there.map((live) => ({
    id: live.entity.id,
    tags: influxTagsOf(live.entity),
    live: live.valuesAt === null ? null : { at: live.valuesAt, values: live.values },
  }));
}

/** Throws an InputError that names the measurements there are. */
export function knownKind(measurement: string): EntityKind {
  const kind = kindOfMeasurement(measurement);
  if (kind !== undefined) return kind;
  throw new InputError(
    `There is no measurement ${JSON.stringify(measurement.slice(0, 60))} here; there are ${measurements.join(", ")}.`,
  );
}

/** Throws an InputError that names the fields there are. */
export function checkField(kind: EntityKind, field: string): void {
  if (findMetric(kind, field) !== undefined) return;
  throw new InputError(
    `There is no field ${JSON.stringify(field.slice(0, 60))} in ${measurementOf(kind)}; there are ${fieldKeysOf(kind).join(", ")}.`,
  );
}

/** Throws an InputError that names the tags there are. */
export function knownTag(name: string): InfluxTagKey {
  const tag = influxTagKeys.find((key) => key === name);
  if (tag !== undefined) return tag;
  throw new InputError(
    `${JSON.stringify(name.slice(0, 60))} is no tag; WHERE and GROUP BY take time and ${influxTagKeys.join(", ")}.`,
  );
}

/** A test of tags. A tag that is not there is the empty text, as in InfluxDB. Throws an InputError. */
export function tagTest(conditions: readonly TagCondition[]): (tags: InfluxTags) => boolean {
  const tests = conditions.map(({ tag, negated, matches }) => {
    const key = knownTag(tag);
    const isMatch = remembered(
      "values" in matches ? (value) => matches.values.includes(value) : patternTest(matches.pattern),
    );
    return (tags: InfluxTags): boolean => isMatch(tags[key] ?? "") !== negated;
  });
  return (tags) => tests.every((test) => test(tags));
}

/** Thousands of guests share a few clusters and nodes: a pattern is tried once for each. */
function remembered(test: (value: string) => boolean): (value: string) => boolean {
  const known = new Map<string, boolean>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const result = test(value);
    known.set(value, result);
    return result;
  };
}

export interface TagGroup<T> {
  /** An absent tag is empty. */
  readonly tags: Readonly<Record<string, string>>;
  readonly members: readonly T[];
}

/** By the values of some tags, sorted as InfluxDB sorts its series: by the names of the tags, then their values. */
export function groupedByTags<T extends { readonly tags: Readonly<Record<string, string | undefined>> }>(
  items: readonly T[],
  keys: readonly string[],
): readonly TagGroup<T>[] {
  const sorted = [...keys].sort();
  const groups = new Map<string, { tags: Record<string, string>; members: T[] }>();
  for (const item of items) {
    const tags = Object.fromEntries(sorted.map((key) => [key, item.tags[key] ?? ""]));
    const name = sorted.map((key) => tags[key] ?? "").join("\u0000");
    const group = groups.get(name) ?? { tags, members: [] };
    groups.set(name, group);
    group.members.push(item);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, group]) => group);
}
