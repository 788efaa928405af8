// The newest point of every entity of a kind, from whichever tier has it.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { EntityKind } from "../../../model/ids.ts";
import { metricsByKind } from "../../../model/metrics.ts";
import { type LatestValue, type Tier, tiers } from "../../../model/store.ts";
import { fact, imported, rrdMax } from "../../tiers.ts";
import type { DriverState } from "./dictionaries.ts";
import { rawSource } from "./raw-source.ts";
import { readDoubles } from "./read-doubles.ts";
import { rolledMetrics, tableOf } from "./schema.ts";

interface Found {
  readonly value: LatestValue;
  readonly isFact: boolean;
}

/** What was measured goes before facts, whichever is newer. */
export async function readLatest(
  connection: DuckDBConnection,
  state: DriverState,
  kind: EntityKind,
  sinceMs: number,
): Promise<LatestValue[]> {
  const newest = new Map<string, Found>();
  for (const tier of tiers) {
    const metrics = tier === "raw" ? metricsByKind[kind].map(({ id }) => id) : rolledMetrics(kind);
    const source =
      tier === "raw" ? await rawSource(connection, kind, sinceMs, Number.MAX_SAFE_INTEGER) : `"${tableOf(kind, tier)}"`;
    const result = await connection.stream(latestSql(source, tier, metrics), [BigInt(Math.floor(sinceMs))]);
    await readDoubles(result, (columns, length) => {
      for (let row = 0; row < length; row++) {
        const [isFact, ...cells] = columns.map((column) => column[row] ?? Number.NaN);
        const found = { value: latestValue(state, metrics, cells), isFact: isFact === 1 };
        const known = newest.get(found.value.id);
        if (known === undefined || goesBefore(found, known)) newest.set(found.value.id, found);
      }
    });
  }
  return [...newest.values()].map(({ value }) => value);
}

const goesBefore = (found: Found, known: Found): boolean =>
  found.isFact === known.isFact ? found.value.ts > known.value.ts : known.isFact;

function latestSql(source: string, tier: Tier, metrics: readonly string[]): string {
  const columns = metrics.map((id) => `"${tier === "raw" ? id : `${id}_last`}"`);
  const node = tier === "raw" ? "node" : "0";
  const own = tier === "raw" ? "" : `AND derived = ${imported}`;
  return `SELECT (origin = ${fact})::INTEGER::DOUBLE, sid::DOUBLE, ts::DOUBLE, step_s::DOUBLE, ${node}::DOUBLE, ${columns.join(", ")}
    FROM ${source} WHERE ts > $1 AND origin <> ${rrdMax} ${own}
    QUALIFY row_number() OVER (PARTITION BY sid ORDER BY origin = ${fact}, ts DESC, step_s) = 1`;
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
