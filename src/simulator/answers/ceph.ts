// Ceph as its monitors tell PVE: status, OSD tree, pools and flags. Without Ceph every one of these calls is a 500.
import { ApiError } from "../api-error.ts";
import { type CephNow, cephNow } from "../ceph-health.ts";
import { cephStorage, replicas } from "../ceph-plan.ts";
import { nodeParameter } from "../parameters.ts";
import type { Call, Route } from "../route.ts";
import { cephMetadata } from "./ceph-metadata.ts";
import { osdTree } from "./ceph-osds.ts";
import { nodeOf } from "./lookup.ts";

const audit = { path: "/", privileges: ["Sys.Audit", "Datastore.Audit"], any: true } as const;

export const cephRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/cluster/ceph/status",
    parameters: {},
    permission: audit,
    forwarded: false,
    answer: (call) => ({ data: status(call) }),
  },
  {
    method: "GET",
    path: "/cluster/ceph/metadata",
    parameters: { scope: { type: "string", optional: true, enum: ["all", "versions"] } },
    permission: audit,
    forwarded: false,
    answer: (call) => ({ data: cephMetadata(call, ceph(call)) }),
  },
  {
    method: "GET",
    path: "/cluster/ceph/flags",
    parameters: {},
    permission: { path: "/", privileges: ["Sys.Audit"] },
    forwarded: false,
    answer: (call) => {
      ceph(call);
      return { data: flags.map(([name, description]) => ({ name, description, value: false })) };
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/ceph/status",
    parameters: nodeParameter,
    permission: audit,
    forwarded: true,
    answer: (call) => {
      nodeOf(call);
      return { data: status(call) };
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/ceph/osd",
    parameters: nodeParameter,
    permission: audit,
    forwarded: true,
    answer: (call) => {
      nodeOf(call);
      return { data: osdTree(call.state, ceph(call)) };
    },
  },
  {
    method: "GET",
    path: "/nodes/{node}/ceph/pool",
    parameters: nodeParameter,
    permission: audit,
    forwarded: true,
    answer: (call) => {
      nodeOf(call);
      return { data: pools(ceph(call)) };
    },
  },
];

/** PVE looks for the monitor's binary before anything else. */
function ceph({ state }: Call): CephNow {
  if (state.ceph === undefined) throw new ApiError(500, "binary not installed: /usr/bin/ceph-mon");
  const now = cephNow(state, state.ceph);
  // Without a majority of monitors nobody answers.
  if (now.monitorsUp.length * 2 <= now.plan.monitors.length) throw new ApiError(500, "got timeout");
  return now;
}

const placementGroups = 128;

function status(call: Call): object {
  const now = ceph(call);
  const up = now.osds.filter((osd) => osd.up).length;
  const severities = Object.values(now.checks).map((check) => check.severity);
  const health = severities.includes("HEALTH_ERR") ? "HEALTH_ERR" : (severities[0] ?? "HEALTH_OK");
  const address = (node: string): string => `${call.state.nodes.get(node)?.ip}:6789/0`;
  return {
    fsid: now.plan.fsid,
    health: { status: health, checks: now.checks, mutes: [] },
    election_epoch: 34,
    quorum: now.monitorsUp.map((node) => now.plan.monitors.indexOf(node)),
    quorum_names: now.monitorsUp,
    quorum_age: 86_400,
    monmap: {
      epoch: 3,
      min_mon_release_name: "squid",
      num_mons: now.plan.monitors.length,
      mons: now.plan.monitors.map((name, rank) => ({ rank, name, addr: address(name), public_addr: address(name) })),
    },
    osdmap: {
      epoch: 412,
      num_osds: now.osds.length,
      num_up_osds: up,
      num_in_osds: now.osds.length,
      num_remapped_pgs: 0,
    },
    pgmap: placement(now, up < now.osds.length),
    mgrmap: { available: true, active_name: now.monitorsUp[0], num_standbys: Math.max(0, now.monitorsUp.length - 1) },
    fsmap: { epoch: 1, by_rank: [], "up:standby": 0 },
    servicemap: { epoch: 7, modified: "2026-01-01T00:00:00.000000+0000", services: {} },
    progress_events: {},
  };
}

function placement(now: CephNow, degraded: boolean): object {
  const total = placementGroups + 1;
  const bad = degraded ? Math.floor(total / 4) : 0;
  return {
    pgs_by_state: [
      { state_name: "active+clean", count: total - bad },
      ...(bad > 0 ? [{ state_name: "active+undersized+degraded", count: bad }] : []),
    ],
    num_pgs: total,
    num_pools: 2,
    num_objects: Math.floor(now.storedBytes / (4 * 2 ** 20)),
    data_bytes: now.storedBytes,
    bytes_used: now.rawUsedBytes,
    bytes_avail: now.rawTotalBytes - now.rawUsedBytes,
    bytes_total: now.rawTotalBytes,
    read_bytes_sec: 18_000_000,
    write_bytes_sec: 24_000_000,
    read_op_per_sec: 900,
    write_op_per_sec: 1400,
    ...(bad > 0 ? { degraded_objects: Math.floor(now.storedBytes / (12 * 2 ** 20)), degraded_ratio: 0.08 } : {}),
  };
}

function pools(now: CephNow): readonly object[] {
  const row = (pool: number, name: string, groups: number, storedBytes: number): object => {
    const raw = storedBytes * replicas;
    return {
      pool,
      pool_name: name,
      type: "replicated",
      size: replicas,
      min_size: 2,
      pg_num: groups,
      pg_num_final: groups,
      pg_autoscale_mode: "on",
      crush_rule: 0,
      crush_rule_name: "replicated_rule",
      bytes_used: raw,
      percent_used: raw / (raw + now.availableBytes * replicas),
      application_metadata: name === ".mgr" ? { mgr: {} } : { rbd: {} },
      autoscale_status: { pool_name: name, pg_num_ideal: groups, pg_num_final: groups },
    };
  };
  return [row(1, ".mgr", 1, 2 ** 22), row(2, cephStorage, placementGroups, now.storedBytes)];
}

const flags = [
  ["nobackfill", "Backfilling of PGs is suspended."],
  ["nodeep-scrub", "Deep Scrubbing is disabled."],
  ["nodown", "OSD failure reports are being ignored, such that the monitors will not mark OSDs down."],
  ["noin", "OSDs that were previously marked out will not be marked back in when they start."],
  ["noout", "OSDs will not automatically be marked out after the configured interval."],
  ["norebalance", "Rebalancing of PGs is suspended."],
  ["norecover", "Recovery of PGs is suspended."],
  ["noscrub", "Scrubbing is disabled."],
  ["notieragent", "Cache tiering activity is suspended."],
  ["noup", "OSDs are not allowed to start."],
  ["pause", "Pauses read and writes."],
] as const;
