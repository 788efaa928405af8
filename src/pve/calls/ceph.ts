// Ceph: health and capacity, pools, OSDs. PVE answers 500 where Ceph is not installed.
import { pvePath } from "../path.ts";
import { type Fields, flag, integer, isRecord, list, name, number, type Rows, record, rowsOf } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface CephStatus {
  /** HEALTH_OK, HEALTH_WARN, HEALTH_ERR. */
  readonly health: string | undefined;
  /** "OSD_DOWN: 1 osds down" */
  readonly checks: readonly string[];
  readonly monitors: number | undefined;
  readonly osds: number | undefined;
  readonly osdsUp: number | undefined;
  readonly osdsIn: number | undefined;
  readonly rawBytes: number | undefined;
  readonly rawUsedBytes: number | undefined;
  readonly rawAvailableBytes: number | undefined;
  readonly storedBytes: number | undefined;
}

export interface CephPool {
  readonly pool: string;
  readonly type: string | undefined;
  readonly replicas: number | undefined;
  readonly minReplicas: number | undefined;
  readonly placementGroups: number | undefined;
  readonly crushRule: string | undefined;
  readonly usedBytes: number | undefined;
  /** 0 to 1, of what the pool could hold. */
  readonly usedRatio: number | undefined;
}

export interface CephOsd {
  readonly osd: string;
  readonly host: string | undefined;
  readonly deviceClass: string | undefined;
  readonly status: string | undefined;
  readonly in: boolean | undefined;
  readonly totalBytes: number | undefined;
  readonly usedPercent: number | undefined;
}

export function readCephStatus(data: unknown): CephStatus {
  const fields = record(data);
  const pgmap = part(fields, "pgmap");
  // Until Nautilus the map lay in a map.
  const outer = part(fields, "osdmap");
  const osdmap = isRecord(outer["osdmap"]) ? outer["osdmap"] : outer;
  return {
    health: name(part(fields, "health")["status"]),
    checks: checksOf(part(fields, "health")["checks"]),
    monitors: integer(part(fields, "monmap")["num_mons"]) ?? lengthOf(part(fields, "monmap")["mons"]),
    osds: integer(osdmap["num_osds"]),
    osdsUp: integer(osdmap["num_up_osds"]),
    osdsIn: integer(osdmap["num_in_osds"]),
    rawBytes: number(pgmap["bytes_total"]),
    rawUsedBytes: number(pgmap["bytes_used"]),
    rawAvailableBytes: number(pgmap["bytes_avail"]),
    storedBytes: number(pgmap["data_bytes"]),
  };
}

const part = (fields: Fields, key: string): Fields => {
  const value = fields[key];
  return isRecord(value) ? value : {};
};

const lengthOf = (value: unknown): number | undefined => (Array.isArray(value) ? value.length : undefined);

function checksOf(checks: unknown): readonly string[] {
  if (!isRecord(checks)) return [];
  return Object.entries(checks)
    .map(([code, check]) => {
      const message = isRecord(check) ? name(part(check, "summary")["message"]) : undefined;
      return message === undefined ? code : `${code}: ${message}`;
    })
    .sort();
}

export const readCephPools = (data: unknown): Rows<CephPool> =>
  rowsOf(data, (row) => {
    const pool = name(row["pool_name"]);
    if (pool === undefined) return undefined;
    return {
      pool,
      type: name(row["type"]),
      replicas: integer(row["size"]),
      minReplicas: integer(row["min_size"]),
      placementGroups: integer(row["pg_num"]),
      crushRule: name(row["crush_rule_name"]),
      usedBytes: number(row["bytes_used"]),
      usedRatio: number(row["percent_used"]),
    };
  });

/** The answer is the CRUSH tree: root, hosts, OSDs. */
export function readCephOsds(data: unknown): readonly CephOsd[] {
  const found: CephOsd[] = [];
  const walk = (item: unknown, host: string | undefined): void => {
    if (!isRecord(item)) return;
    const called = name(item["name"]);
    if (item["type"] === "osd" && called !== undefined) found.push(readOsd(item, called, host));
    const below = item["type"] === "host" ? called : host;
    for (const child of Array.isArray(item["children"]) ? list(item["children"]) : []) walk(child, below);
  };
  walk(record(data)["root"], undefined);
  return found;
}

const readOsd = (item: Fields, osd: string, host: string | undefined): CephOsd => ({
  osd,
  host: name(item["host"]) ?? host,
  deviceClass: name(item["device_class"]),
  status: name(item["status"]),
  in: flag(item["in"]),
  totalBytes: number(item["total_space"]),
  usedPercent: number(item["percent_used"]),
});

export const cephStatus = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<CephStatus>> =>
  pve.get({ ...options, path: "/cluster/ceph/status", read: readCephStatus });

export const cephPools = (
  pve: PveReader,
  node: string,
  options: CallOptions = {},
): Promise<PveAnswer<Rows<CephPool>>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/ceph/pool`, node, read: readCephPools });

export const cephOsds = (
  pve: PveReader,
  node: string,
  options: CallOptions = {},
): Promise<PveAnswer<readonly CephOsd[]>> =>
  pve.get({ ...options, path: pvePath`/nodes/${node}/ceph/osd`, node, read: readCephOsds });
