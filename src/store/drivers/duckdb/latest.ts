// The newest point of every entity of a kind, from whichever tier has it.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { EntityKind } from "../../../model/ids.ts";
import { metricsByKind } from "../../../model/metrics.ts";
import { type LatestValue, type Tier, tiers } from "../../../model/store.ts";
import { imported, rrdMax } from "../../tiers.ts";
import type { DriverState } from "./dictionaries.ts";
import { rawSource } from "./raw-source.ts";
import { readDoubles } from "./read-doubles.ts";
import { rolledMetrics, tableOf } from "./schema.ts";

export async function readLatest(
  connection: DuckDBConnection,
  state: DriverState,
  kind: EntityKind,
  sinceMs: number,
): Promise<LatestValue[]> {
  const newest = new Map<string, LatestValue>();
  for (const tier of tiers) {
    const metrics = tier === "raw" ? metricsByKind[kind].map(({ id }) => id) : rolledMetrics(kind);
    const source =
      tier === "raw" ? await rawSource(connection, kind, sinceMs, Number.MAX_SAFE_INTEGER) : `"${tableOf(kind, tier)}"`;
    const result = await connection.stream(latestSql(source, tier, metrics), [BigInt(Math.floor(sinceMs))]);
    await readDoubles(result, (columns, length) => {
      for (let row = 0; row < length; row++) {
        const value = latestValue(
          state,
          metrics,
          columns.map((column) => column[row] ?? Number.NaN),
        );
        const known = newest.get(value.id);
        if (known === undefined || value.ts > known.ts) newest.set(value.id, value);
      }
    });
  }
  return [...newest.values()];
}

function latestSql(source: string, tier: Tier, metrics: readonly string[]): string {
  const columns = metrics.map((id) => `"${tier === "raw" ? id : `${id}_last`}"`);
  const node = tier === "raw" ? "node" : "0";
  const own = tier === "raw" ? "" : `AND derived = ${imported}`;
  return `SELECT sid::DOUBLE, ts::DOUBLE, step_s::DOUBLE, ${node}::DOUBLE, ${columns.join(", ")}
    FROM ${source} WHERE ts > $1 AND origin <> ${rrdMax} ${own}
    QUALIFY row_number() OVER (PARTITION BY sid ORDER BY ts DESC, step_s) = 1`;
}

function latestValue(state: DriverState, metrics: readonly string[], cells: readonly number[]): LatestValue {
  const [sid = 0, ts = 0, stepS = 0, node = 0, ...values] = cells;
  return {
    id: state.bySid[sid - 1]?.id ?? "",
    ts,
    stepS,
    node: node === 0 ? null : (state.nodeNames[node] ?? null),
    values: Object.fromEntries(
      metrics.flatMap((metric, index) => {
        const value = values[index];
        return value === undefined || Number.isNaN(value) ? [] : [[metric, value]];
      }),
    ),
  };
}
