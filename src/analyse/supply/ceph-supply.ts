// What a cluster's own Ceph may be filled with, by device class: PVE's total is stored plus what can still be stored, and
// moves. usable = (raw − the largest host) × the nearfull ratio / replicas, so that the data of a lost host finds room.
import type { FactFields, HeldFact } from "../../model/facts.ts";

export interface CephFacts {
  readonly cephOsds: readonly HeldFact[];
  readonly cephPools: readonly HeldFact[];
}

export interface CephSupply {
  readonly backing: string;
  readonly node: null;
  /** Data without replicas that the raw capacity could hold. */
  readonly totalBytes: number;
  /** Stored data without replicas; null as long as an OSD does not tell. */
  readonly usedBytes: number | null;
  readonly usableBytes: number;
  readonly notes: readonly string[];
}

/** Ceph's own default: above it health warns, and nothing may be left to heal into. */
const nearfullRatio = 0.85;
/** Proxmox VE's default of a new pool. */
const usualReplicas = 3;

export function cephSupplies({ cephOsds, cephPools }: CephFacts): readonly CephSupply[] {
  const classes = new Map<string, FactFields[]>();
  for (const { fields } of cephOsds) {
    if (fields["in"] !== true || numberOf(fields, "total_bytes") === null) continue;
    const deviceClass = textOf(fields, "device_class") ?? "";
    classes.set(deviceClass, [...(classes.get(deviceClass) ?? []), fields]);
  }
  const pools = cephPools.map(({ fields }) => fields);
  return [...classes].map(([deviceClass, osds]) => supplyOf(deviceClass, osds, pools));
}

function supplyOf(deviceClass: string, osds: readonly FactFields[], pools: readonly FactFields[]): CephSupply {
  const byHost = new Map<string, number>();
  for (const osd of osds) {
    const host = textOf(osd, "host") ?? "";
    byHost.set(host, (byHost.get(host) ?? 0) + (numberOf(osd, "total_bytes") ?? 0));
  }
  const raw = [...byHost.values()].reduce((sum, bytes) => sum + bytes, 0);
  const { replicas, note } = replicasOf(deviceClass, pools);
  const heals = byHost.size > replicas;
  const kept = heals ? Math.max(...byHost.values()) : 0;
  return {
    backing: deviceClass === "" ? "ceph:own" : `ceph:own ${deviceClass}`,
    node: null,
    totalBytes: raw / replicas,
    usedBytes: storedBytes(osds, replicas),
    usableBytes: ((raw - kept) * nearfullRatio) / replicas,
    notes: [
      heals
        ? `Room for the largest host is kept free, and Ceph counts as full at 85 %; ${replicas} replicas.`
        : `With ${byHost.size} hosts and ${replicas} replicas Ceph cannot heal by itself, so no room is kept for it.`,
      ...note,
    ],
  };
}

/** A pool belongs to a class when its CRUSH rule names it; else the most replicas of any pool are reckoned with. */
function replicasOf(deviceClass: string, pools: readonly FactFields[]): { replicas: number; note: readonly string[] } {
  const named = pools.filter(
    (pool) => deviceClass !== "" && textOf(pool, "crush_rule")?.includes(deviceClass) === true,
  );
  const counts = (named.length > 0 ? named : pools).flatMap((pool) => numberOf(pool, "replicas") ?? []);
  if (counts.length > 0) return { replicas: Math.max(1, ...counts), note: [] };
  return { replicas: usualReplicas, note: ["No pool tells its replicas; three are assumed."] };
}

function storedBytes(osds: readonly FactFields[], replicas: number): number | null {
  let used = 0;
  for (const osd of osds) {
    const [total, percent] = [numberOf(osd, "total_bytes"), numberOf(osd, "used_percent")];
    if (total === null || percent === null) return null;
    used += (total * percent) / 100;
  }
  return used / replicas;
}

function numberOf(fields: FactFields, key: string): number | null {
  const value = fields[key];
  return typeof value === "number" ? value : null;
}

function textOf(fields: FactFields, key: string): string | null {
  const value = fields[key];
  return typeof value === "string" ? value : null;
}
