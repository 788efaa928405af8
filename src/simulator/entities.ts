// What the simulated cluster consists of. Times are epoch seconds of the virtual clock; nothing here has behaviour.
import type { Signal } from "./signal.ts";

export type Release = "8.4" | "9.1" | "9.2";
export type GuestType = "qemu" | "lxc";

export interface NodeHardware {
  readonly model: string;
  readonly vendor: "AuthenticAMD" | "GenuineIntel";
  readonly mhz: string;
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly rootBytes: number;
  readonly swapBytes: number;
  readonly zfs: boolean;
}

export interface SimNode {
  readonly name: string;
  readonly nodeId: number;
  ip: string;
  readonly seed: number;
  readonly hardware: NodeHardware;
  /** Where in each ten seconds this node's pvestatd cycle falls. */
  readonly phaseS: number;
  bootedAtS: number;
  /** What it runs and has run, oldest first; the first entry holds from the beginning. */
  readonly releases: { readonly fromS: number; readonly release: Release }[];
  /** Work of the host itself: fraction of its threads, and network bytes per second. */
  readonly overhead: Signal;
  readonly overheadNetBytesPerSecond: number;
}

/** One run of a guest's process on one node, from start to stop, migration or crash. */
export interface Life {
  readonly node: string;
  readonly fromS: number;
  readonly toS: number;
}

/** The curves behind every number of a guest. */
export interface GuestLoad {
  readonly cpu: Signal;
  readonly io: Signal;
  readonly memory: Signal;
  /** Bytes per second at full signal. */
  readonly netInScale: number;
  readonly netOutScale: number;
  readonly diskReadScale: number;
  readonly diskWriteScale: number;
  /** Share of the configured memory that the VM process holds on the host. */
  readonly hostShare: number;
  /** File system of a container: use at `diskAtS`, and its growth. */
  readonly diskAtS: number;
  readonly diskUsedBytes: number;
  readonly diskGrowthBytesPerDay: number;
  /** Share of a node's CPU time that waits for I/O while this guest is at full I/O; 0 for all but noisy neighbours. */
  readonly neighbourIowait: number;
}

export interface SimGuest {
  readonly vmid: number;
  readonly type: GuestType;
  name: string;
  node: string;
  pool: string | undefined;
  tags: readonly string[];
  lock: string | undefined;
  readonly template: boolean;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  /** Whether the balloon driver reports, so that `mem` is the guest's own view. */
  readonly balloon: boolean;
  readonly ostype: string;
  /** Where its disk is; a migration can carry it to another local storage. */
  storage: string;
  readonly seed: number;
  readonly createdAtS: number;
  /** In time order; the last one is open (`toS` is Infinity) while the guest runs. */
  readonly lives: Life[];
  readonly load: GuestLoad;
  readonly truth: GuestTruth;
}

export type Archetype =
  | "service"
  | "batch"
  | "idle"
  | "oversized"
  | "throttled"
  | "level-shift"
  | "growing"
  | "anomalous"
  | "memory-leak"
  | "noisy-neighbour"
  | "powered-off"
  | "template";

export interface Anomaly {
  readonly kind: "spike" | "drop" | "stuck";
  readonly from_s: number;
  readonly to_s: number;
}

/** What was planted in a guest; served as it stands by /simulator/truth. */
export interface GuestTruth {
  readonly archetype: Archetype;
  /** Mean and highest CPU of the weekly profile before shifts and anomalies, as a fraction of the guest's cores. */
  readonly cpu_mean: number;
  readonly cpu_peak: number;
  readonly mem_mean: number;
  readonly level_shifts: readonly { readonly at_s: number; readonly factor: number }[];
  readonly anomalies: readonly Anomaly[];
  readonly memory_leak: MemoryLeak | null;
  readonly noisy: NoisyHours | null;
  readonly disk_growth_bytes_per_day: number;
}

/** Memory use rises in a line and falls back at each restart of the leaking service. */
export interface MemoryLeak {
  readonly since_s: number;
  readonly bytes_per_day: number;
  readonly restarts_at_s: readonly number[];
}

/** Hours of the day (UTC) in which I/O is at its highest, every day. */
export interface NoisyHours {
  readonly hours_utc: readonly number[];
  /** What it adds to the iowait of its node then. */
  readonly iowait: number;
}

export interface SimStorage {
  readonly id: string;
  readonly type: "dir" | "zfspool" | "lvmthin" | "rbd" | "nfs" | "pbs";
  readonly content: string;
  readonly shared: boolean;
  /** Nodes that have it; undefined means all. */
  readonly nodes: readonly string[] | undefined;
  /** The settings that `GET /storage` shows beside the common ones. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** One volume when shared, one per node otherwise; keyed by node name, or "" when shared. */
  readonly volumes: ReadonlyMap<string, SimVolume>;
}

export interface SimVolume {
  readonly totalBytes: number;
  /** Use at `atS`, from which it grows in a line, with a weekly saw-tooth where backups are pruned. */
  readonly usedBytes: number;
  readonly atS: number;
  readonly growthBytesPerDay: number;
  readonly weeklySawBytes: number;
}

/** A time for which a node's pvestatd wrote nothing, for any of its entities. */
export interface Gap {
  readonly node: string;
  readonly fromS: number;
  readonly toS: number;
}

export const isRunning = (guest: SimGuest): boolean => guest.lives.at(-1)?.toS === Number.POSITIVE_INFINITY;

export const newestLife = (guest: SimGuest): Life | undefined => guest.lives.at(-1);
