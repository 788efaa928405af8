// The words of Proxmox VE's own metric server (PVE::Status::InfluxDB and OpenTelemetry): its fields and what they are in
// the catalogue. What is pushed to us, what we write in its shape and what we import from its buckets all speak them.
import type { MetricId } from "./metrics.ts";

/** PVE's field → our metric. */
export type PveFields = Readonly<Record<string, MetricId>>;

/** Of nodes, by measurement. `blockstat` is the root file system. */
export const pveNodeFields = {
  system: { uptime: "uptime_seconds" },
  cpustat: {
    cpu: "cpu_ratio",
    wait: "iowait_ratio",
    cpus: "cpu_count",
    avg1: "load_1m",
    avg5: "load_5m",
    avg15: "load_15m",
  },
  memory: {
    memtotal: "mem_total_bytes",
    memused: "mem_used_bytes",
    memavailable: "mem_available_bytes",
    swaptotal: "swap_total_bytes",
    swapused: "swap_used_bytes",
    arcsize: "arc_size_bytes",
  },
  blockstat: { blocks: "root_total_bytes", used: "root_used_bytes" },
} as const satisfies Readonly<Record<string, PveFields>>;

/** Of VMs and containers; the last four count bytes since the guest began. */
export const pveGuestFields = {
  uptime: "uptime_seconds",
  cpu: "cpu_ratio",
  cpus: "cpu_count",
  mem: "mem_used_bytes",
  memhost: "mem_host_bytes",
  maxmem: "mem_total_bytes",
  disk: "disk_used_bytes",
  maxdisk: "disk_total_bytes",
  netin: "net_in_bytes_total",
  netout: "net_out_bytes_total",
  diskread: "disk_read_bytes_total",
  diskwrite: "disk_write_bytes_total",
} as const satisfies PveFields;

/** Of guests, since PVE 9. */
export const pvePressureFields = {
  pressurecpusome: "psi_cpu_some_percent",
  pressurecpufull: "psi_cpu_full_percent",
  pressureiosome: "psi_io_some_percent",
  pressureiofull: "psi_io_full_percent",
  pressurememorysome: "psi_memory_some_percent",
  pressurememoryfull: "psi_memory_full_percent",
} as const satisfies PveFields;

export const pveStorageFields = { total: "total_bytes", used: "used_bytes" } as const satisfies PveFields;
