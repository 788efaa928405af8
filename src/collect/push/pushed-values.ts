// A pushed sample → the metrics of the catalogue. What the export would say of the same moment comes out the same
// (PVE fills both from one measurement); what only a push has comes on top: ARC, available memory, pressure.
import type { MetricId } from "../../model/metrics.ts";
import {
  type PveFields,
  pveGuestFields,
  pveNodeFields,
  pvePressureFields,
  pveStorageFields,
} from "../../model/pve-metric-server.ts";
import type { FieldValue } from "./line-protocol.ts";
import type { Nic, PushedSample } from "./pushed-sample.ts";

export type Values = ReadonlyMap<MetricId, number>;

/**
 * null: something is missing that PVE always sends, because the sample was cut in two between two bodies. Then it is
 * left to the polls, which have it whole.
 */
export function valuesOf(sample: PushedSample): Values | null {
  switch (sample.kind) {
    case "node":
      return nodeValues(sample);
    case "qemu":
    case "lxc":
      return guestValues(sample);
    case "storage":
      return complete(take(sample.fields, pveStorageFields), ["total_bytes", "used_bytes"]);
  }
}

const { arcsize, ...memory } = pveNodeFields.memory;

/** A push names a node's fields with their measurement; what is used of the root file system is worked out below. */
const nodeFields: PveFields = {
  uptime: pveNodeFields.system.uptime,
  ...prefixed("cpustat", pveNodeFields.cpustat),
  ...prefixed("memory", memory),
  blockstat_blocks: pveNodeFields.blockstat.blocks,
};
const nodeNeeds = ["uptime_seconds", "cpu_ratio", "mem_total_bytes", "mem_used_bytes", "root_total_bytes"];

/** Of ZFS. Without it all are 0, and there is no ARC that could be empty. */
const arcFields: PveFields = {
  memory_arcsize: arcsize,
  memory_arcmin: "arc_min_bytes",
  memory_arcmax: "arc_max_bytes",
};

function nodeValues({ fields, nics }: PushedSample): Values | null {
  const values = take(fields, nodeFields);
  const [blocks, free] = [fields.get("blockstat_blocks"), fields.get("blockstat_bfree")];
  // `used` of df leaves out what is reserved for root; the export counts it, and so do we.
  if (typeof blocks === "number" && typeof free === "number") values.set("root_used_bytes", blocks - free);
  if (fields.get("memory_arcmax") !== 0)
    for (const [metric, value] of take(fields, arcFields)) values.set(metric, value);
  addNics(nics, values);
  return complete(values, nodeNeeds);
}

/** Names of network cards as PVE tells them from bridges where it does not say it. */
const physicalName = /^(eth\d+|en[^:.]+|ib[^:.]+|(nic|if)\d+)$/;

function addNics(nics: ReadonlyMap<string, Nic>, values: Map<MetricId, number>): void {
  const physical = [...nics].filter(([name, nic]) => nic.isPhysical ?? physicalName.test(name));
  if (physical.length === 0) return;
  const sum = (field: "receive" | "transmit"): number =>
    physical.reduce((bytes, [, nic]) => bytes + (nic[field] ?? Number.NaN), 0);
  // A card that one line forgot would make the counter fall: then there is none.
  const [received, sent] = [sum("receive"), sum("transmit")];
  if (Number.isFinite(received)) values.set("net_in_bytes_total", received);
  if (Number.isFinite(sent)) values.set("net_out_bytes_total", sent);
}

const { uptime, cpus, maxmem, maxdisk, memhost, disk, ...running } = pveGuestFields;
const fixedFields: PveFields = { uptime, cpus, maxmem, maxdisk };
/** What only a running one has; a VM's own file systems are not known to PVE. */
const runningFields: Readonly<Record<"qemu" | "lxc", PveFields>> = {
  qemu: { ...running, ...pvePressureFields, memhost },
  lxc: { ...running, ...pvePressureFields, disk },
};
const fixedNeeds = Object.values(fixedFields);
/** Not the disk's: QEMU that is busy leaves them out. */
const runningNeeds = [...fixedNeeds, "cpu_ratio", "mem_used_bytes", "net_in_bytes_total", "net_out_bytes_total"];

function guestValues({ kind, fields }: PushedSample): Values | null {
  const values = take(fields, fixedFields);
  const isUp = isRunning(fields);
  values.set("running", isUp ? 1 : 0);
  if (!isUp) return complete(values, fixedNeeds);
  for (const [metric, value] of take(fields, runningFields[kind === "lxc" ? "lxc" : "qemu"])) values.set(metric, value);
  return complete(values, runningNeeds);
}

/** OpenTelemetry has no texts, and so no status; what is stopped has an age of 0. */
function isRunning(fields: ReadonlyMap<string, FieldValue>): boolean {
  const status = fields.get("status");
  return typeof status === "string" ? status === "running" : Number(fields.get("uptime") ?? 0) > 0;
}

function take(fields: ReadonlyMap<string, FieldValue>, names: PveFields): Map<MetricId, number> {
  const values = new Map<MetricId, number>();
  for (const [field, metric] of Object.entries(names)) {
    const value = fields.get(field);
    if (typeof value === "number") values.set(metric, value);
  }
  return values;
}

const complete = (values: Values, needs: readonly MetricId[]): Values | null =>
  needs.every((metric) => values.has(metric)) ? values : null;

function prefixed(measurement: string, fields: PveFields): PveFields {
  return Object.fromEntries(Object.entries(fields).map(([field, metric]) => [`${measurement}_${field}`, metric]));
}
