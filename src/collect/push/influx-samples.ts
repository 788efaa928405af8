// The lines of Proxmox VE's InfluxDB metric server → samples. Its tag `object` says what a line is about.
import type { PushPrecision } from "../../model/push.ts";
import type { Drops } from "../drops.ts";
import { type LinePoint, type ReadLines, readLines } from "./line-protocol.ts";
import { isAddress, nicOf, type PushedSample, SampleSet } from "./pushed-sample.ts";

export interface ReadSamples extends ReadLines {
  readonly samples: readonly PushedSample[];
}

const kinds: ReadonlyMap<string, PushedSample["kind"]> = new Map([
  ["nodes", "node"],
  ["qemu", "qemu"],
  ["lxc", "lxc"],
  ["storages", "storage"],
]);
/** The measurements that have something we keep. */
const wanted: Readonly<Record<PushedSample["kind"], readonly string[]>> = {
  node: ["system", "cpustat", "memory", "blockstat", "nics"],
  qemu: ["system"],
  lxc: ["system"],
  storage: ["system"],
};

/** Lines of others than Proxmox VE are counted in `drops`. */
export function influxSamples(text: string, precision: PushPrecision, drops: Drops): ReadSamples {
  const set = new SampleSet();
  const read = readLines(text, precision, (point) => addPoint(point, set, drops));
  return { ...read, samples: set.list() };
}

function addPoint(point: LinePoint, set: SampleSet, drops: Drops): void {
  const { measurement, tags, fields, ts } = point;
  const kind = kinds.get(tags.get("object") ?? "");
  if (kind === undefined) {
    drops.add("no line of Proxmox VE");
    return;
  }
  const node = tags.get(kind === "node" ? "host" : "nodename") ?? "";
  const key = tags.get(kind === "qemu" || kind === "lxc" ? "vmid" : "host") ?? "";
  if (!isAddress(kind, node, key)) {
    drops.add("line without a node or vmid");
    return;
  }
  if (!wanted[kind].includes(measurement)) return;
  const sample = set.at(kind, node, key, ts);
  if (measurement === "nics") addNic(sample, tags.get("instance") ?? "", fields);
  else {
    const prefix = measurement === "system" ? "" : `${measurement}_`;
    for (const [field, value] of fields) sample.fields.set(`${prefix}${field}`, value);
  }
}

function addNic(sample: PushedSample, name: string, fields: LinePoint["fields"]): void {
  const nic = nicOf(sample, name);
  const [receive, transmit, type] = [fields.get("receive"), fields.get("transmit"), fields.get("type")];
  if (typeof receive === "number") nic.receive = receive;
  if (typeof transmit === "number") nic.transmit = transmit;
  if (typeof type === "string") nic.isPhysical = type === "physical";
}
