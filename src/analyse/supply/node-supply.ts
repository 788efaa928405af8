// What a node has, and how much of it the node itself takes.
import type { FactFields } from "../../model/facts.ts";
import type { LiveEntity } from "../../model/fleet.ts";
import type { EntityId } from "../../model/ids.ts";
import type { NodeEntity } from "../../model/inventory.ts";
import { type CpuOfNode, capacityCores, coresInUse } from "./smt.ts";

const gibibyte = 2 ** 30;
/** Rule of experience: what an OSD's daemon holds. */
const memoryPerOsdBytes = 4 * gibibyte;

/** What was seen of a node beyond its guests over some weeks: see hostOverheadBytes and hostOverheadCores. */
export interface MeasuredOverhead {
  readonly memoryBytes: number | null;
  readonly cpuCores: number | null;
}

export interface NodeSupply {
  readonly id: EntityId;
  readonly entity: NodeEntity;
  readonly online: boolean;
  /** Physical cores and threads; null while the hardware was not read. */
  readonly cpu: CpuOfNode | null;
  /** cores: read · threads: only the threads are known, and each counts as a core · unknown */
  readonly cpuFrom: "cores" | "threads" | "unknown";
  /** What it can do, in unshared cores (see smt.ts). */
  readonly cpuCapacityCores: number | null;
  /** What is in use of it now, guests and node together. */
  readonly cpuDemandCores: number | null;
  readonly memoryBytes: number | null;
  /** Guests and node together, without what the ZFS ARC would give back. */
  readonly memoryDemandBytes: number | null;
  /** none: no ARC is reported · measured · estimated: its least size is ZFS's default, a 32nd of memory */
  readonly arc: "none" | "measured" | "estimated";
  /** Pages that KSM merged: they come apart when guests move, so a check of moves adds them back. */
  readonly ksmSharedBytes: number;
  readonly osds: number;
  readonly overheadMemoryBytes: number;
  readonly overheadCores: number;
  /** measured: over some weeks · now: only from this moment's values · floor: from the number of OSDs alone */
  readonly overheadFrom: "measured" | "now" | "floor";
}

export interface NodeInputs {
  readonly live: LiveEntity & { readonly entity: NodeEntity };
  readonly hardware: FactFields | undefined;
  readonly osds: number;
  readonly smtGain: number;
  readonly overhead: MeasuredOverhead | undefined;
  /** What its guests take now; null when one of them is not known. */
  readonly guests: { readonly memoryBytes: number | null; readonly cpuCores: number | null };
}

export function nodeSupply(inputs: NodeInputs): NodeSupply {
  const { live, hardware, osds, smtGain } = inputs;
  const { entity, values } = live;
  const { cpu, cpuFrom } = cpuOf(hardware, values["cpu_count"]);
  const busyThreads = product(values["cpu_ratio"], cpu?.threads);
  const memoryDemand = nodeMemoryDemand(values);
  const use = { memoryBytes: memoryDemand.bytes, busyThreads };
  return {
    id: entity.id,
    entity,
    // What we cannot see for a moment has not gone.
    online: entity.status !== "offline",
    cpu,
    cpuFrom,
    cpuCapacityCores: cpu === null ? null : capacityCores(cpu, smtGain),
    cpuDemandCores: cpu === null || busyThreads === null ? null : coresInUse(cpu, busyThreads, smtGain),
    memoryBytes: values["mem_total_bytes"] ?? numberOf(hardware, "memory_bytes"),
    memoryDemandBytes: memoryDemand.bytes,
    arc: memoryDemand.arc,
    ksmSharedBytes: values["ksm_shared_bytes"] ?? numberOf(hardware, "ksm_shared_bytes") ?? 0,
    osds,
    ...overheadOf(inputs, use),
  };
}

function cpuOf(hardware: FactFields | undefined, listed: number | undefined): Pick<NodeSupply, "cpu" | "cpuFrom"> {
  const [cores, threads] = [numberOf(hardware, "cpu_cores"), numberOf(hardware, "cpu_threads") ?? listed ?? null];
  if (threads === null) return { cpu: null, cpuFrom: "unknown" };
  if (cores === null) return { cpu: { cores: threads, threads }, cpuFrom: "threads" };
  return { cpu: { cores: Math.min(cores, threads), threads }, cpuFrom: "cores" };
}

/** memused − max(0, arcsize − arcmin): the ARC gives back all but its least size. PVE 8 keeps no ARC in its history. */
export function nodeMemoryDemand(values: Readonly<Record<string, number | null | undefined>>): {
  readonly bytes: number | null;
  readonly arc: NodeSupply["arc"];
} {
  const [used, total, arc] = [values["mem_used_bytes"], values["mem_total_bytes"], values["arc_size_bytes"]];
  if (used == null) return { bytes: null, arc: "none" };
  if (arc == null || arc === 0) return { bytes: used, arc: "none" };
  const least = values["arc_min_bytes"];
  const kept = least ?? (total == null ? arc : total / 32);
  return { bytes: Math.max(0, used - Math.max(0, arc - kept)), arc: least == null ? "estimated" : "measured" };
}

type Overhead = Pick<NodeSupply, "overheadMemoryBytes" | "overheadCores" | "overheadFrom">;

function overheadOf(
  { osds, overhead, guests }: NodeInputs,
  use: { readonly memoryBytes: number | null; readonly busyThreads: number | null },
): Overhead {
  const memory = overhead?.memoryBytes ?? difference(use.memoryBytes, guests.memoryBytes);
  const cores = overhead?.cpuCores ?? difference(use.busyThreads, guests.cpuCores);
  const from = overhead?.memoryBytes != null ? "measured" : memory === null ? "floor" : "now";
  return {
    overheadMemoryBytes: hostOverheadBytes(memory === null ? [] : [memory], osds),
    overheadCores: hostOverheadCores(cores === null ? [] : [cores]),
    overheadFrom: from,
  };
}

/** p99 of (memory in use net of ARC − sum of the guests), at least 4 GiB per Ceph OSD. */
export const hostOverheadBytes = (differences: readonly number[], osds: number): number =>
  Math.max(osds * memoryPerOsdBytes, p99(differences));

/** p99 of (busy threads of the node − those of its guests). */
export const hostOverheadCores = (differences: readonly number[]): number => p99(differences);

/** Nearest rank; 0 for none, and never below: a node does not give memory to its guests. */
function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(0, sorted[Math.ceil(0.99 * sorted.length) - 1] ?? 0);
}

const difference = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b);

const product = (a: number | undefined, b: number | undefined): number | null =>
  a === undefined || b === undefined ? null : a * b;

function numberOf(fields: FactFields | undefined, key: string): number | null {
  const value = fields?.[key];
  return typeof value === "number" ? value : null;
}
