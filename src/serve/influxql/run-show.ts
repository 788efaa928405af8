// SHOW …: what Grafana asks to fill its variables and its editor.
import { type EntityKind, entityKinds } from "../../model/ids.ts";
import { fieldKeysOf, influxTagKeys, kindOfMeasurement, measurementOf, tagKeysOf } from "../../model/influx-schema.ts";
import type { AnswerSeries } from "./answer.ts";
import { patternTest } from "./pattern.ts";
import type { Show } from "./query.ts";
import { type SeriesSource, seriesOfKind, type TaggedSeries, tagTest } from "./tagged-series.ts";

/** The one database there is; its name is taken with any case of USE, and none is asked for. */
export const databaseName = "pilothouse";

/** Targets, disks and pools that were last measured before it are not shown; disks are read every few hours. */
const shownForMs = 7 * 86_400_000;

/** Throws an InputError. */
export async function runShow(show: Show, source: SeriesSource, nowMs: number): Promise<readonly AnswerSeries[]> {
  switch (show.type) {
    case "show-databases":
      return [{ name: "databases", columns: ["name"], values: [[databaseName]] }];
    case "show-retention-policies":
      return [policies];
    case "show-measurements":
      return measurementsOf(show, source, nowMs);
    case "show-tag-keys":
      return (await kindsIn(show.from, source, nowMs)).map(([kind]) =>
        listed(
          kind,
          ["tagKey"],
          tagKeysOf(kind).map((key) => [key]),
        ),
      );
    case "show-field-keys":
      return (await kindsIn(show.from, source, nowMs)).map(([kind]) =>
        listed(
          kind,
          ["fieldKey", "fieldType"],
          [...fieldKeysOf(kind)].sort().map((field) => [field, "float"]),
        ),
      );
    case "show-tag-values":
      return tagValues(show, source, nowMs);
  }
}

const policies: AnswerSeries = {
  columns: ["name", "duration", "shardGroupDuration", "replicaN", "default"],
  values: [["autogen", "0s", "168h0m0s", 1, true]],
};

const listed = (kind: EntityKind, columns: readonly string[], values: AnswerSeries["values"]): AnswerSeries => ({
  name: measurementOf(kind),
  columns,
  values,
});

/** The kinds that the caller sees something of, or the one that is named. */
async function kindsIn(
  from: string | null,
  source: SeriesSource,
  nowMs: number,
): Promise<readonly (readonly [EntityKind, readonly TaggedSeries[]])[]> {
  const named = from === null ? entityKinds : [kindOfMeasurement(from)].filter((kind) => kind !== undefined);
  const found = await Promise.all(
    named.map(async (kind) => [kind, await seriesOfKind(source, kind, nowMs - shownForMs)] as const),
  );
  return found.filter(([, series]) => series.length > 0);
}

async function measurementsOf(
  { pattern, limit }: Extract<Show, { type: "show-measurements" }>,
  source: SeriesSource,
  nowMs: number,
): Promise<readonly AnswerSeries[]> {
  const isMatch = pattern === null ? () => true : patternTest(pattern);
  const names = (await kindsIn(null, source, nowMs)).map(([kind]) => measurementOf(kind)).filter(isMatch);
  const values = names.sort().slice(0, limit ?? undefined);
  return values.length === 0 ? [] : [{ name: "measurements", columns: ["name"], values: values.map((name) => [name]) }];
}

async function tagValues(
  { from, key, tags, limit }: Extract<Show, { type: "show-tag-values" }>,
  source: SeriesSource,
  nowMs: number,
): Promise<readonly AnswerSeries[]> {
  const tag = influxTagKeys.find((known) => known === key);
  const isChosen = tagTest(tags);
  if (tag === undefined) return [];
  return (await kindsIn(from, source, nowMs)).flatMap(([kind, series]) => {
    const values = new Set(series.filter((each) => isChosen(each.tags)).map((each) => each.tags[tag] ?? ""));
    values.delete("");
    const rows = [...values].sort().slice(0, limit ?? undefined);
    return rows.length === 0
      ? []
      : [
          listed(
            kind,
            ["key", "value"],
            rows.map((value) => [key, value]),
          ),
        ];
  });
}
