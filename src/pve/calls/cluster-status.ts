// The members of a cluster and its quorum.
import { flag, integer, isRecord, list, name, type Rows, rowsOf } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";

export interface Member {
  readonly name: string;
  /** Address in the cluster's network. */
  readonly address: string | null;
  readonly online: boolean;
  /** True for the node that answered. */
  readonly local: boolean;
}

export interface ClusterStatus {
  /** null for a standalone host, which has no cluster row. */
  readonly cluster: { readonly name: string | undefined; readonly quorate: boolean | undefined } | null;
  readonly members: readonly Member[];
  readonly rejected: number;
}

export interface NodeListRow {
  readonly node: string;
  readonly status: string;
  /** SHA-256 of the certificate that the node's API shows. */
  readonly sslFingerprint: string | undefined;
  readonly uptime: number | undefined;
  readonly maxcpu: number | undefined;
  readonly maxmem: number | undefined;
}

export function readClusterStatus(data: unknown): ClusterStatus {
  const rows = list(data).filter(isRecord);
  const cluster = rows.find((row) => row["type"] === "cluster");
  const { rows: members, rejected } = rowsOf(
    rows.filter((row) => row["type"] === "node"),
    readMember,
  );
  return {
    cluster: cluster === undefined ? null : { name: name(cluster["name"]), quorate: flag(cluster["quorate"]) },
    members,
    rejected: rejected + list(data).length - rows.length,
  };
}

function readMember(row: Readonly<Record<string, unknown>>): Member | undefined {
  const node = name(row["name"]);
  if (node === undefined) return undefined;
  return {
    name: node,
    address: name(row["ip"]) ?? null,
    online: flag(row["online"]) === true,
    local: flag(row["local"]) === true,
  };
}

export const readNodes = (data: unknown): Rows<NodeListRow> =>
  rowsOf(data, (row) => {
    const node = name(row["node"]);
    if (node === undefined) return undefined;
    return {
      node,
      status: name(row["status"]) ?? "unknown",
      sslFingerprint: name(row["ssl_fingerprint"]),
      uptime: integer(row["uptime"]),
      maxcpu: integer(row["maxcpu"]),
      maxmem: integer(row["maxmem"]),
    };
  });

export const clusterStatus = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<ClusterStatus>> =>
  pve.get({ ...options, path: "/cluster/status", read: readClusterStatus });

/** Every node with the fingerprint of its certificate. */
export const nodes = (pve: PveReader, options: CallOptions = {}): Promise<PveAnswer<Rows<NodeListRow>>> =>
  pve.get({ ...options, path: "/nodes", read: readNodes });
