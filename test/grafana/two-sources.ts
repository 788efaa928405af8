// The same rows in a real InfluxDB and in our own store behind our own server, and one way to ask both.
import { request } from "undici";
import { silentLog } from "../../src/lib/log.ts";
import { Fleet } from "../../src/live/fleet.ts";
import { type Batch, blocksFromRows, type Row } from "../../src/model/batch.ts";
import { type EntityId, parseEntityId, partKinds } from "../../src/model/ids.ts";
import { type InfluxTags, influxTagsOf, influxTagsOfId, measurementOf } from "../../src/model/influx-schema.ts";
import { openStore } from "../../src/store/index.ts";
import { startInflux } from "../debian-binaries.ts";
import { plainServer } from "../serve/plain-server.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { cluster, type SimulatedWeek } from "./simulated-week.ts";

export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (number | string | null)[])[];
}

export interface InfluxAnswer {
  readonly results: readonly {
    readonly statement_id: number;
    readonly series?: readonly InfluxSeries[];
    readonly error?: string;
    readonly messages?: readonly { readonly text: string }[];
  }[];
}

/** What Grafana's InfluxDB data source is given. */
export interface Source {
  readonly name: string;
  readonly url: string;
  readonly database: string;
  close(): Promise<void>;
}

/** As Grafana asks: db and epoch in the address, the query as a form. Throws when it is refused. */
export async function ask({ url, database }: Source, q: string): Promise<InfluxAnswer> {
  const answer = await request(`${url}/query?db=${database}&epoch=ms`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ q }).toString(),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${q} was answered with ${answer.statusCode}: ${text.slice(0, 500)}`);
  const parsed = JSON.parse(text) as InfluxAnswer;
  const failed = parsed.results.find(({ error }) => error !== undefined);
  if (failed !== undefined) throw new Error(`${q} was answered with: ${failed.error}`);
  return parsed;
}

/** Undefined where there is no Debian to fetch InfluxDB from. */
export async function influxSource(week: SimulatedWeek): Promise<Source | undefined> {
  const running = await startInflux();
  if (running === undefined) return undefined;
  const tagsOf = tagsById(week);
  for (const rows of week.days) {
    const answer = await request(`${running.url}/write?db=pve&precision=ms`, {
      method: "POST",
      body: rows.map((row) => lineOf(row, tagsOf)).join("\n"),
    });
    if (answer.statusCode !== 204) throw new Error(`InfluxDB took no rows: ${await answer.body.text()}`);
    await answer.body.dump();
  }
  return { name: "influxdb", url: running.url, database: "pve", close: () => running.close() };
}

function tagsById({ entities }: SimulatedWeek): (id: EntityId) => InfluxTags {
  const known = new Map(entities.map((entity) => [entity.id, influxTagsOf(entity)]));
  return (id) => known.get(id) ?? influxTagsOfId(id, { node: null, type: null }) ?? {};
}

function lineOf(row: Row, tagsOf: (id: EntityId) => InfluxTags): string {
  const kind = parseEntityId(row.id)?.kind ?? "node";
  const escaped = (text: string): string => text.replace(/[ ,=]/g, "\\$&");
  const tags = Object.entries(tagsOf(row.id)).map(([key, value]) => `,${key}=${escaped(value)}`);
  const fields = Object.entries(row.values).flatMap(([name, value]) => (value === null ? [] : `${name}=${value}`));
  return `${measurementOf(kind)}${tags.join("")} ${fields.join(",")} ${row.ts}`;
}

/** Our server on a free port, with a store that the week was appended to and a fleet that shows its end. */
export async function embeddedSource(week: SimulatedWeek): Promise<Source> {
  const clock = { now: () => week.toMs, monotonic: () => performance.now(), sleep: () => Promise.resolve() };
  const dataDir = temporaryDirectory();
  const fleet = new Fleet(clock);
  const store = await openStore({ dataDir, log: silentLog, problems: fleet.problemList });
  fleet.restore(week.entities, []);
  for (const [day, rows] of week.days.entries()) await store.append(batchOf(rows, day));
  await store.jobs.rollup(week.toMs);
  const newest = (week.days.at(-1) ?? []).filter(({ ts }) => ts === week.toMs - 300_000);
  fleet.applyBatch(
    batchOf(
      newest.filter(({ id }) => !partKinds.includes(parseEntityId(id)?.kind ?? "target")),
      99,
    ),
  );
  const { url, close } = await plainServer({ fleet, store, clock, directory: dataDir });
  return { name: "embedded", url, database: "pilothouse", close };
}

const batchOf = (rows: readonly Row[], number: number): Batch => ({
  batchId: `week-${String(number).padStart(4, "0")}`,
  cluster,
  source: "poll",
  marks: {},
  blocks: blocksFromRows((id) => parseEntityId(id)?.kind ?? "node", rows),
});
