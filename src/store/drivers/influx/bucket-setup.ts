// Makes the bucket (2), database (1 and 3) and, for 3, the tables with all their tags: there a table's tags are fixed by
// its first point. Where a server does not let us, the commands are said instead.
import { SinkError } from "../../../lib/errors.ts";
import { entityKinds } from "../../../model/ids.ts";
import { eventMeasurement, influxTagKeys, measurementOf, tagKeysOf } from "../../../model/influx-schema.ts";
import type { InfluxEdition } from "./influx-options.ts";
import type { InfluxServer } from "./influx-server.ts";

const json = "application/json";

/** Throws a SinkError whose message has the commands to type. */
export async function makeBucket(server: InfluxServer, signal?: AbortSignal): Promise<void> {
  const { edition } = await server.identity(signal);
  try {
    if (edition === "1") await makeDatabase(server, signal);
    if (edition === "2") await makeBucketOfOrg(server, signal);
    if (edition === "3") await server.mustAsk("POST", "/api/v3/configure/database", databaseOf3(server, signal));
  } catch (error) {
    if (!(error instanceof SinkError) || error.refusal === "passing") throw error;
    throw new SinkError(
      `The bucket ${server.options.bucket} is missing and cannot be made (${error.message}). Make it with: ${commandsFor(edition, server.options).join(" ; ")}`,
      "person",
      { cause: error },
    );
  }
}

/**
 * Gives the tables of InfluxDB 3 all tags that they will ever have. A table that is there stays as it is. Editions
 * without this call (Dedicated, Clustered, Serverless) take further tags later, so nothing is lost there.
 */
export async function makeTables(server: InfluxServer, signal?: AbortSignal): Promise<void> {
  const { bucket } = server.options;
  const tables = [
    ...entityKinds.map((kind) => ({ table: measurementOf(kind), tags: tagKeysOf(kind) })),
    { table: eventMeasurement, tags: influxTagKeys },
  ];
  for (const { table, tags } of tables) {
    const body = JSON.stringify({ db: bucket, table, tags, fields: [] });
    const { status, text } = await server.ask("POST", "/api/v3/configure/table", { body, type: json, signal });
    if (status >= 500) throw new SinkError(`${status} ${text.slice(0, 200)}`, "passing");
  }
}

async function makeDatabase(server: InfluxServer, signal: AbortSignal | undefined): Promise<void> {
  const [database = "", policy] = server.options.bucket.split("/");
  const { retentionS } = server.options;
  const kept = retentionS === null ? "INF" : `${Math.max(1, Math.round(retentionS / 3600))}h`;
  const named = policy === undefined ? "" : ` NAME ${quotedName(policy)}`;
  await server.query(`CREATE DATABASE ${quotedName(database)} WITH DURATION ${kept}${named}`, { signal });
}

async function makeBucketOfOrg(server: InfluxServer, signal: AbortSignal | undefined): Promise<void> {
  const { org, bucket, retentionS } = server.options;
  const found = await server.mustAsk("GET", `/api/v2/orgs?org=${encodeURIComponent(org)}`, { signal });
  const { orgs = [] } = JSON.parse(found.text) as { readonly orgs?: readonly { readonly id: string }[] };
  const orgID = orgs[0]?.id;
  if (orgID === undefined) throw new SinkError(`there is no organisation ${JSON.stringify(org)}`, "person");
  const retentionRules = retentionS === null ? [] : [{ type: "expire", everySeconds: Math.round(retentionS) }];
  const body = JSON.stringify({ orgID, name: bucket, retentionRules });
  await server.mustAsk("POST", "/api/v2/buckets", { body, type: json, signal });
}

function databaseOf3({ options }: InfluxServer, signal: AbortSignal | undefined) {
  const { bucket, retentionS } = options;
  const retention = retentionS === null ? {} : { retention_period: `${Math.max(1, Math.round(retentionS / 3600))}h` };
  return { body: JSON.stringify({ db: bucket, ...retention }), type: json, signal };
}

/** What a person types where we may not. */
export function commandsFor(
  edition: InfluxEdition,
  { bucket, org, retentionS }: { readonly bucket: string; readonly org: string; readonly retentionS: number | null },
): readonly string[] {
  const hours = retentionS === null ? null : Math.max(1, Math.round(retentionS / 3600));
  switch (edition) {
    case "1":
      return [
        `influx -execute 'CREATE DATABASE ${quotedName(bucket)} WITH DURATION ${hours === null ? "INF" : `${hours}h`}'`,
      ];
    case "2":
      return [
        `influx bucket create --name ${shellWord(bucket)} --org ${shellWord(org)} --retention ${hours === null ? "0" : `${hours}h`}`,
        `influx auth create --org ${shellWord(org)} --description pilothouse --write-buckets --read-buckets`,
      ];
    case "3":
      return [
        `influxdb3 create database ${shellWord(bucket)}${hours === null ? "" : ` --retention-period ${hours}h`}`,
        ...entityKinds.map(
          (kind) =>
            `influxdb3 create table --database ${shellWord(bucket)} --tags ${tagKeysOf(kind).join(",")} ${measurementOf(kind)}`,
        ),
      ];
    case "victoria-metrics":
      return ["victoria-metrics -retentionPeriod=2y -dedup.minScrapeInterval=1ms"];
  }
}

const shellWord = (text: string): string => (/^[\w.@/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
const quotedName = (name: string): string => `"${name.replace(/["\\]/g, "\\$&").replace(/[\r\n]/g, " ")}"`;
