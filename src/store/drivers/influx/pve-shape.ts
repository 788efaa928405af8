// The second shape: the measurements, tags and fields of Proxmox VE's own metric server, so that dashboards made for it
// keep working; with the fields that we hold, and a tag `cluster`, which that one does not have. Averages of the past are
// written too, maxima are not. All numbers are floats, as they are there.
import { type Batch, type Block, type Row, rowsOf } from "../../../model/batch.ts";
import { parseEntityId } from "../../../model/ids.ts";
import { type LineRules, verdictOn } from "./batch-lines.ts";
import { numberField, quotedField, seriesKey } from "./line-text.ts";

type Fields = readonly (readonly [field: string, metric: string])[];

const nodeFields: Readonly<Record<string, Fields>> = {
  system: [["uptime", "uptime_seconds"]],
  cpustat: [
    ["cpu", "cpu_ratio"],
    ["wait", "iowait_ratio"],
    ["cpus", "cpu_count"],
    ["avg1", "load_1m"],
    ["avg5", "load_5m"],
    ["avg15", "load_15m"],
  ],
  memory: [
    ["memtotal", "mem_total_bytes"],
    ["memused", "mem_used_bytes"],
    ["memavailable", "mem_available_bytes"],
    ["memshared", "ksm_shared_bytes"],
    ["swaptotal", "swap_total_bytes"],
    ["swapused", "swap_used_bytes"],
    ["arcsize", "arc_size_bytes"],
  ],
  blockstat: [
    ["blocks", "root_total_bytes"],
    ["used", "root_used_bytes"],
  ],
};

const guestFields: Fields = [
  ["uptime", "uptime_seconds"],
  ["cpu", "cpu_ratio"],
  ["cpus", "cpu_count"],
  ["mem", "mem_used_bytes"],
  ["memhost", "mem_host_bytes"],
  ["maxmem", "mem_total_bytes"],
  ["disk", "disk_used_bytes"],
  ["maxdisk", "disk_total_bytes"],
  ["diskread", "disk_read_bytes_total"],
  ["diskwrite", "disk_write_bytes_total"],
  ["netin", "net_in_bytes_total"],
  ["netout", "net_out_bytes_total"],
  ["pressurecpusome", "psi_cpu_some_percent"],
  ["pressurecpufull", "psi_cpu_full_percent"],
  ["pressureiosome", "psi_io_some_percent"],
  ["pressureiofull", "psi_io_full_percent"],
  ["pressurememorysome", "psi_memory_some_percent"],
  ["pressurememoryfull", "psi_memory_full_percent"],
];

const storageFields: Fields = [
  ["total", "total_bytes"],
  ["used", "used_bytes"],
];

export function pveLines(batch: Batch, rules: LineRules): string[] {
  return batch.blocks.flatMap((block) => {
    const rows = [...rowsOf({ blocks: [block] })];
    return rows.flatMap((row, number) => (isWritten(block, number, rules) ? linesOfRow(block, row, rules) : []));
  });
}

const isWritten = ({ ts }: Block, row: number, rules: LineRules): boolean =>
  verdictOn(ts[row] ?? Number.NaN, rules) === "write";

function linesOfRow({ kind }: Block, row: Row, { tagsOf }: LineRules): string[] {
  const ref = parseEntityId(row.id);
  if (ref === undefined || row.origin === "rrd-max") return [];
  const { cluster, key } = ref;
  const known = tagsOf(row.id);
  const nodename = row.node ?? known?.node ?? null;
  switch (kind) {
    case "node":
      return Object.entries(nodeFields).flatMap(([measurement, fields]) =>
        lineOf(measurement, { cluster, host: key, object: "nodes" }, numbers(fields, row), row.ts),
      );
    case "guest": {
      const [vmid = ""] = key.split("~");
      const tags = { cluster, host: known?.name ?? null, nodename, object: known?.type ?? "qemu", vmid };
      return lineOf("system", tags, [...numbers(guestFields, row), ...wordsOf(row, known?.name)], row.ts);
    }
    case "storage": {
      const storage = key.startsWith("@") ? key.slice(1) : key.slice(key.indexOf(":") + 1);
      const tags = { cluster, host: storage, nodename, object: "storages", type: known?.type ?? null };
      return lineOf("system", tags, [...numbers(storageFields, row), ...availableOf(row)], row.ts);
    }
    case "cluster":
    case "target":
    case "disk":
    case "pool":
      return [];
  }
}

function numbers(fields: Fields, { values }: Row): string[] {
  return fields.flatMap(([field, metric]) => {
    const value = values[metric];
    return value === null || value === undefined ? [] : [`${field}=${numberField(value)}`];
  });
}

/** The name is text as it is there; so is the status, of which we hold whether it runs. */
function wordsOf({ values }: Row, name: string | undefined): string[] {
  const running = values["running"];
  return [
    ...(name === undefined ? [] : [`name=${quotedField(name)}`]),
    ...(running === null || running === undefined ? [] : [`status=${running > 0 ? '"running"' : '"stopped"'}`]),
  ];
}

function availableOf({ values }: Row): string[] {
  const [total, used] = [values["total_bytes"], values["used_bytes"]];
  return typeof total === "number" && typeof used === "number" ? [`avail=${numberField(total - used)}`] : [];
}

/** To the second, as Proxmox VE writes it. */
const lineOf = (
  measurement: string,
  tags: Readonly<Record<string, string | null>>,
  fields: readonly string[],
  ts: number,
): string[] =>
  fields.length === 0 ? [] : [`${seriesKey(measurement, tags)} ${fields.join(",")} ${Math.floor(ts / 1000)}000000000`];
