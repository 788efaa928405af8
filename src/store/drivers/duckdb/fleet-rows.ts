// What the answers about many series share: which series are asked, and the points of one tier.
import type { DuckDBConnection } from "@duckdb/node-api";
import type { EntityKind } from "../../../model/ids.ts";
import type { FleetQuery, Tier } from "../../../model/store.ts";
import { addPoint, emptyPoints, type Points } from "../../points.ts";
import { imported, maxStepMs, rrdAvg, rrdMax } from "../../tiers.ts";
import type { DriverState } from "./dictionaries.ts";
import { rawSource } from "./raw-source.ts";
import { readDoubles } from "./read-doubles.ts";
import { tableOf } from "./schema.ts";

export interface FleetReader {
  readonly connection: DuckDBConnection;
  readonly kind: EntityKind;
  readonly metric: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** The asked series that the store knows, by number. */
  readonly ids: ReadonlyMap<number, string>;
  /** AND-clause for the column sid; empty when all of the kind are asked. */
  readonly onlyAsked: string;
}

export function fleetReader(
  connection: DuckDBConnection,
  state: DriverState,
  kind: EntityKind,
  { ids, metric, fromMs, toMs }: FleetQuery,
): FleetReader {
  const known = new Map(
    ids.flatMap((id) => {
      const entry = state.byId.get(id);
      return entry === undefined ? [] : [[entry.sid, id] as const];
    }),
  );
  const isAll = known.size === state.seriesCount(kind);
  // Numbers of our own, so they may stand in the text; thousands of parameters would have to be bound one by one.
  const list = known.size === 0 ? "NULL" : [...known.keys()].join(", ");
  const onlyAsked = isAll ? "" : `AND sid IN (${list})`;
  return { connection, kind, metric, fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs), ids: known, onlyAsked };
}

export async function sourceOf({ connection, kind }: FleetReader, tier: Tier, fromMs: number, toMs: number) {
  return tier === "raw" ? rawSource(connection, kind, fromMs, toMs) : `"${tableOf(kind, tier)}"`;
}

/** True when points that PVE averaged itself lie in the range, so that rows cannot simply be summed up. */
export async function hasImported(reader: FleetReader, tier: Tier): Promise<boolean> {
  const { connection, onlyAsked } = reader;
  const [fromMs, toMs] = marginsOf(reader, tier);
  const own = tier === "raw" ? "" : `AND derived = ${imported}`;
  const rows = await connection.runAndReadAll(
    `SELECT 1 FROM ${await sourceOf(reader, tier, fromMs, toMs)}
      WHERE ts >= $1 AND ts < $2 AND origin IN (${rrdAvg}, ${rrdMax}) ${own} ${onlyAsked} LIMIT 1`,
    [BigInt(fromMs), BigInt(toMs)],
  );
  return rows.currentRowCount > 0;
}

/** The averages of one tier as points by series; PVE's maxima are left out. `where` narrows them further. */
export async function readTier(reader: FleetReader, tier: Tier, where = ""): Promise<Map<number, Points>> {
  const { connection, metric, onlyAsked } = reader;
  const [fromMs, toMs] = marginsOf(reader, tier);
  const value = tier === "raw" ? `"${metric}"` : `"${metric}_avg"`;
  const rest = tier === "raw" ? "0::DOUBLE, greatest(step_s, 1) / 10.0" : "derived::DOUBLE, n";
  const result = await connection.stream(
    `SELECT sid::DOUBLE, ts::DOUBLE, step_s::DOUBLE, origin::DOUBLE, ${rest}, ${value}
      FROM ${await sourceOf(reader, tier, fromMs, toMs)}
      WHERE ts >= $1 AND ts < $2 AND origin <> ${rrdMax} AND ${value} IS NOT NULL ${where} ${onlyAsked}`,
    [BigInt(fromMs), BigInt(toMs)],
  );
  const found = new Map<number, Points>();
  await readDoubles(result, (columns, length) => {
    for (let row = 0; row < length; row++) {
      const at = (column: number): number => columns[column]?.[row] ?? Number.NaN;
      const points = found.get(at(0)) ?? emptyPoints();
      found.set(at(0), points);
      addPoint(points, { ts: at(1), stepS: at(2), origin: at(3), derived: at(4), weight: at(5), value: at(6) });
    }
  });
  return found;
}

const marginsOf = ({ fromMs, toMs }: FleetReader, tier: Tier): readonly [number, number] => [
  fromMs - maxStepMs[tier],
  toMs + maxStepMs[tier],
];
