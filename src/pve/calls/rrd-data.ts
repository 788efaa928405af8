// PVE's own history: averages and maxima in fixed steps. Counters are already rates there (bytes per second).
import { pvePath } from "../path.ts";
import { type Fields, number, type Rows, rowsOf } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { RrdTimeframeName } from "../version.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

/** What a row has: `time` (end of the interval, seconds) and the fields that are known; a missing one is a gap. */
export type RrdRow = Readonly<Record<string, number>> & { readonly time: number };

export interface RrdQuery {
  readonly node: string;
  /** Of a guest or a storage on the node; without both of the node itself. */
  readonly guest?: { readonly type: "qemu" | "lxc"; readonly vmid: number };
  readonly storage?: string;
  readonly timeframe: RrdTimeframeName;
  readonly cf: "AVERAGE" | "MAX";
}

export const readRrdData = (data: unknown): Rows<RrdRow> => rowsOf(data, readRow);

/** A row that holds nothing but numbers, as nearly all do, is taken as it is. */
function readRow(row: Fields): RrdRow | undefined {
  if (isOfNumbers(row)) return row;
  const time = number(row["time"]);
  if (time === undefined) return undefined;
  const read: Record<string, number> & { time: number } = { time };
  for (const key of Object.keys(row)) {
    const value = number(row[key]);
    if (value !== undefined && key !== "__proto__") read[key] = value;
  }
  return read;
}

function isOfNumbers(row: Fields): row is RrdRow {
  for (const key in row) if (!Number.isFinite(row[key])) return false;
  return row["time"] !== undefined;
}

/** Not every release knows every timeframe: see Capabilities. */
export function rrdData(pve: PveReader, query: RrdQuery, options: CallOptions = {}): Promise<PveAnswer<Rows<RrdRow>>> {
  const { node, timeframe, cf } = query;
  return pve.get({ ...options, path: rrdPath(query), query: { timeframe, cf }, node, read: readRrdData });
}

function rrdPath({ node, guest, storage }: RrdQuery): string {
  if (guest !== undefined) return pvePath`/nodes/${node}/${guest.type}/${guest.vmid}/rrddata`;
  return storage === undefined ? pvePath`/nodes/${node}/rrddata` : pvePath`/nodes/${node}/storage/${storage}/rrddata`;
}
