// Stored points as a file: Parquet, CSV or InfluxDB line protocol, by series and time. DuckDB writes the file itself.
import type { DuckDBConnection } from "@duckdb/node-api";
import { InputError } from "../../../lib/errors.ts";
import { origins } from "../../../model/batch.ts";
import { type EntityKind, parseEntityId } from "../../../model/ids.ts";
import {
  averagedField,
  type InfluxTagKey,
  influxTagKeys,
  maximumFieldOf,
  measurementOf,
  stepField,
} from "../../../model/influx-schema.ts";
import { metricsByKind } from "../../../model/metrics.ts";
import type { ExportRequest } from "../../export-request.ts";
import { rrdAvg, rrdMax } from "../../tiers.ts";
import { quoted, rawSource } from "./raw-source.ts";
import { metricColumns, tableOf } from "./schema.ts";

/** Returns how many points were written. */
export async function exportPoints(connection: DuckDBConnection, request: ExportRequest): Promise<number> {
  const { kind, tier, fromMs, toMs, format, file } = request;
  const source = tier === "raw" ? await rawSource(connection, kind, fromMs, toMs) : `"${tableOf(kind, tier)}"`;
  const columns = format === "line-protocol" ? lineSql(request) : tableSql(request);
  const node = tier === "raw" ? "LEFT JOIN node_name n USING (node)" : "";
  const rows = `SELECT ${columns} FROM ${source} p JOIN series s USING (sid) ${node}
    WHERE p.ts >= ${Math.floor(fromMs)} AND p.ts < ${Math.ceil(toMs)} ${selectedSql(request)} ORDER BY s.id, p.ts`;
  const result = await connection.run(`COPY (${rows}) TO ${quoted(file)} ${optionsOf[format]}`);
  return result.rowsChanged;
}

const optionsOf: Readonly<Record<ExportRequest["format"], string>> = {
  parquet: "(FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)",
  csv: "(FORMAT csv, HEADER true)",
  // One column that is a finished line: nothing may be quoted, and the delimiter cannot occur.
  "line-protocol": "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\\x01')",
};

function selectedSql({ kind, ids, clusters }: ExportRequest): string {
  const chosen: string[] = [`s.kind = '${kind}'`];
  if (ids !== null) chosen.push(`s.id IN (${ids.map((id) => quoted(idOf(kind, id))).join(", ")})`);
  if (clusters !== null) chosen.push(`s.cluster IN (${clusters.map(quoted).join(", ")})`);
  return `AND ${chosen.join(" AND ")}`;
}

function idOf(kind: EntityKind, text: string): string {
  const ref = parseEntityId(text);
  if (ref?.kind === kind) return ref.id;
  throw new InputError(`${JSON.stringify(text)} is not the id of a ${kind}.`);
}

/** Names and numbers instead of our own keys; absent values stay empty. */
function tableSql({ kind, tier }: ExportRequest): string {
  const origin = `CASE p.origin ${origins.map((name, number) => `WHEN ${number} THEN '${name}'`).join(" ")} END`;
  const fixed = ["s.id", "make_timestamp(p.ts * 1000) AS time", "p.step_s AS step_seconds", `${origin} AS origin`];
  const place = tier === "raw" ? "n.name AS node" : "p.n AS samples";
  return [...fixed, place, ...metricColumns(kind, tier).map((name) => `p."${name}"`)].join(", ");
}

/**
 * `pve_guest,cluster=c,node=pve1,vmid=100,generation=1 cpu_ratio=0.5,…,step_seconds=10 1767225600000000010`: as an InfluxDB
 * sink writes it, without the types of guests and storages, which the inventory has and not the samples.
 */
function lineSql({ kind, tier }: ExportRequest): string {
  const names = tier === "raw" ? metricsByKind[kind].map(({ id }) => id) : metricColumns(kind, tier);
  const isMaximum = `p.origin = ${rrdMax}`;
  const fieldOf = (name: string): string =>
    tier === "raw" ? `CASE WHEN ${isMaximum} THEN '${maximumFieldOf(name)}=' ELSE '${name}=' END` : `'${name}='`;
  const fields = names.map((name) => `${fieldOf(name)} || CAST(p."${name}" AS VARCHAR)`).join(", ");
  const averaged = `CASE WHEN p.origin IN (${rrdAvg}, ${rrdMax}) THEN '${averagedField}=1' END`;
  const step = `'${stepField}=' || p.step_s`;
  const tags = influxTagKeys.flatMap((name) => {
    const value = tagValues(kind, tier)[name];
    return value === undefined ? [] : [tagSql(name, value)];
  });
  return `'${measurementOf(kind)}' || concat(${tags.join(", ")}) || ' ' || concat_ws(',', ${fields}, ${averaged}, ${step}) || ' ' || (p.ts * 1000000 + ${codeSql}) AS line`;
}

/** As influx/point-time.ts says it: what a point is, in the digits behind its millisecond. */
const codeSql = `(CASE WHEN p.origin = ${rrdMax} THEN ${rrdAvg} ELSE p.origin END) * 100000 + (CASE WHEN p.step_s < 50000 THEN p.step_s ELSE 50000 + CAST(round(p.step_s / 60) AS BIGINT) END)`;

const key = "s.id[length(s.cluster) + length(s.kind) + 3:]";
const onNode = `CASE WHEN ${key}[1:1] = '@' THEN '' ELSE split_part(${key}, ':', 1) END`;
const behindNode = `regexp_replace(${key}, '^(@|[^:]*:)', '')`;

function tagValues(kind: EntityKind, tier: ExportRequest["tier"]): Readonly<Partial<Record<InfluxTagKey, string>>> {
  const cluster = "s.cluster";
  switch (kind) {
    case "cluster":
      return { cluster };
    case "node":
    case "target":
      return { cluster, node: key };
    case "guest": {
      const [vmid, generation] = [`split_part(${key}, '~', 1)`, `split_part(${key}, '~', 2)`];
      return { cluster, vmid, generation, ...(tier === "raw" ? { node: "n.name" } : {}) };
    }
    case "storage":
    case "disk":
      return { cluster, node: onNode, storage: behindNode };
    case "pool": {
      const [type, storage] = [`split_part(${behindNode}, ':', 1)`, `regexp_replace(${behindNode}, '^[^:]*:', '')`];
      return { cluster, node: onNode, type, storage };
    }
    case "scope":
      return { cluster, type: `split_part(${key}, ':', 1)`, scope: `regexp_replace(${key}, '^[^:]*:?', '')` };
  }
}

/** Left out when there is none: an empty tag is an error of the protocol. */
function tagSql(name: string, value: string): string {
  return `coalesce(',${name}=' || nullif(regexp_replace(${value}, '([,= ])', '\\\\\\1', 'g'), ''), '')`;
}
