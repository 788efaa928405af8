// Storage replication: the state of the jobs whose source is a node.
import { pvePath } from "../path.ts";
import { flag, integer, name, number, type Rows, rowsOf } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface ReplicationState {
  /** 100-0 */
  readonly id: string;
  readonly vmid: number;
  readonly source: string | undefined;
  readonly target: string | undefined;
  readonly schedule: string | undefined;
  readonly enabled: boolean;
  /** Seconds since the epoch; undefined before the first one. */
  readonly lastSyncS: number | undefined;
  readonly nextSyncS: number | undefined;
  readonly durationS: number | undefined;
  readonly failures: number | undefined;
  readonly error: string | undefined;
}

export const readReplication = (data: unknown): Rows<ReplicationState> =>
  rowsOf(data, (row) => {
    const id = name(row["id"]);
    const vmid = integer(row["guest"]) ?? integer(id?.split("-")[0]);
    if (id === undefined || vmid === undefined) return undefined;
    return {
      id,
      vmid,
      source: name(row["source"]),
      target: name(row["target"]),
      schedule: name(row["schedule"]),
      enabled: flag(row["disable"]) !== true,
      lastSyncS: moment(row["last_sync"]),
      nextSyncS: moment(row["next_sync"]),
      durationS: number(row["duration"]),
      failures: integer(row["fail_count"]),
      error: name(row["error"])?.trim(),
    };
  });

/** 0 stands for never. */
function moment(value: unknown): number | undefined {
  const read = number(value);
  return read === 0 ? undefined : read;
}

export const replication = (
  pve: PveReader,
  node: string,
  options: CallOptions = {},
): Promise<PveAnswer<Rows<ReplicationState>>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/replication`, node, read: readReplication });
