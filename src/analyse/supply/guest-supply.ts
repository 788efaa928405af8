// What a guest is given and what it takes: the base for overcommit, cost, capacity and sizing. The rules are those that
// are easily got wrong: a container without a limit, memory by its source, disks by the configuration.
import type { FactFields } from "../../model/facts.ts";
import type { LiveEntity } from "../../model/fleet.ts";
import type { EntityId } from "../../model/ids.ts";
import type { GuestEntity } from "../../model/inventory.ts";
import { type MemSource, memSources } from "../../model/metrics.ts";
import { sumOfVolumes, type Volume, volumeOf } from "./volumes.ts";

/**
 * config: from its configuration · listing: from the cluster's listing, because the configuration was not read ·
 * unlimited: a container that may use the whole node · unknown: nobody said
 */
export type CpuBase = "config" | "listing" | "unlimited" | "unknown";

export interface GuestSupply {
  readonly id: EntityId;
  readonly entity: GuestEntity;
  readonly running: boolean;
  /**
   * CPUs that it may use at most: VM min(vCPUs, cpulimit); container its cores or cpulimit, the smaller. null for a
   * container without either (its use counts, and it is left out of overcommit) and for a template.
   */
  readonly cpuBaseCores: number | null;
  readonly cpuBase: CpuBase;
  /** CPUs it has, limits aside: what `cpu_ratio` is a share of. */
  readonly cpuCount: number | null;
  /** Threads of the node that it keeps busy now; 0 when it does not run. */
  readonly cpuDemandCores: number | null;
  /** What it is given; null for a template. */
  readonly memoryAllocatedBytes: number | null;
  /** What the node may never take back: the balloon's minimum, or all where ballooning is off or a device is passed through. */
  readonly memoryGuaranteedBytes: number | null;
  /** What it costs its node now; 0 when it does not run. */
  readonly memoryDemandBytes: number | null;
  /** `host` is exact; `guest` counts the guest's caches; the others as metrics.md says. null when it does not run. */
  readonly memoryDemandSource: MemSource | null;
  readonly volumes: readonly Volume[];
  /** Its volumes on storages, linked clones left out; null while the configuration was not read or does not tell a size. */
  readonly diskBytes: number | null;
  readonly linkedDiskBytes: number;
  /** Starts with its node; null while the configuration was not read. */
  readonly startAtBoot: boolean | null;
}

export function guestSupply(live: LiveEntity & { readonly entity: GuestEntity }, config?: FactFields): GuestSupply {
  const { entity, values } = live;
  const running = entity.status === "running" && !entity.template;
  const volumes = volumesIn(config);
  const sums = sumOfVolumes(volumes);
  const cpuCount = values["cpu_count"] ?? null;
  return {
    id: entity.id,
    entity,
    running,
    ...(entity.template
      ? noShare
      : { ...cpuBaseOf(entity, cpuCount, config), ...memoryGivenOf(entity, values, config) }),
    cpuCount,
    cpuDemandCores: running ? product(values["cpu_ratio"], values["cpu_count"]) : 0,
    ...(running ? memoryDemandOf(values) : { memoryDemandBytes: 0, memoryDemandSource: null }),
    volumes,
    diskBytes: config === undefined || volumes.length === 0 ? null : sums.bytes,
    linkedDiskBytes: sums.linkedBytes,
    startAtBoot: flagOf(config, "start_at_boot"),
  };
}

/** Templates are disk alone. */
const noShare = {
  cpuBaseCores: null,
  cpuBase: "unknown",
  memoryAllocatedBytes: null,
  memoryGuaranteedBytes: null,
} as const;

function cpuBaseOf(
  { type }: GuestEntity,
  cpuCount: number | null,
  config: FactFields | undefined,
): Pick<GuestSupply, "cpuBaseCores" | "cpuBase"> {
  if (config === undefined) {
    // PVE lists a container without cores with all threads of its node, so its number says nothing.
    if (type === "lxc" || cpuCount === null) return { cpuBaseCores: null, cpuBase: "unknown" };
    return { cpuBaseCores: cpuCount, cpuBase: "listing" };
  }
  const plugged = type === "qemu" ? settingOf(config, "vcpus") : null;
  const cores = plugged ?? numberOf(config, "cores");
  // 0 is Proxmox VE's word for no limit.
  const limit = settingOf(config, "cpulimit") || null;
  if (cores === null && limit === null) {
    return { cpuBaseCores: null, cpuBase: type === "lxc" ? "unlimited" : "unknown" };
  }
  return { cpuBaseCores: Math.min(cores ?? Infinity, limit ?? Infinity), cpuBase: "config" };
}

function memoryGivenOf(
  { type }: GuestEntity,
  values: LiveEntity["values"],
  config: FactFields | undefined,
): Pick<GuestSupply, "memoryAllocatedBytes" | "memoryGuaranteedBytes"> {
  const allocated = numberOf(config, "memory_bytes") ?? values["mem_total_bytes"] ?? null;
  // A container's memory is a limit: nothing is set aside for it.
  if (type === "lxc") return { memoryAllocatedBytes: allocated, memoryGuaranteedBytes: 0 };
  if (config === undefined) return { memoryAllocatedBytes: allocated, memoryGuaranteedBytes: null };
  const balloon = numberOf(config, "balloon_bytes");
  const hasDevice = settings(config).some((line) => line.startsWith("hostpci"));
  const isFixed = hasDevice || balloon === null || balloon === 0;
  return { memoryAllocatedBytes: allocated, memoryGuaranteedBytes: isFixed ? allocated : balloon };
}

function memoryDemandOf(values: LiveEntity["values"]): Pick<GuestSupply, "memoryDemandBytes" | "memoryDemandSource"> {
  const host = values["mem_host_bytes"];
  if (host !== undefined) return { memoryDemandBytes: host, memoryDemandSource: "host" };
  const used = values["mem_used_bytes"];
  if (used === undefined) return { memoryDemandBytes: null, memoryDemandSource: null };
  return { memoryDemandBytes: used, memoryDemandSource: memSources[values["mem_source"] ?? 0] ?? "unknown" };
}

function volumesIn(config: FactFields | undefined): readonly Volume[] {
  const lines = config?.["disks"];
  return Array.isArray(lines) ? (lines as readonly string[]).flatMap((line) => volumeOf(line) ?? []) : [];
}

function settings(config: FactFields): readonly string[] {
  const lines = config["settings"];
  return Array.isArray(lines) ? (lines as readonly string[]) : [];
}

/** One of the settings that are told as they are: `cpulimit: 1.5`. */
function settingOf(config: FactFields, key: string): number | null {
  const line = settings(config).find((text) => text.startsWith(`${key}: `));
  const value = Number(line?.slice(key.length + 2));
  return line === undefined || !Number.isFinite(value) ? null : value;
}

function numberOf(config: FactFields | undefined, key: string): number | null {
  const value = config?.[key];
  return typeof value === "number" ? value : null;
}

function flagOf(config: FactFields | undefined, key: string): boolean | null {
  const value = config?.[key];
  return typeof value === "boolean" ? value : null;
}

const product = (a: number | undefined, b: number | undefined): number | null =>
  a === undefined || b === undefined ? null : a * b;
