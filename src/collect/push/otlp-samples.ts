// The JSON of Proxmox VE's OpenTelemetry metric server (9.0 and later) → samples. PVE sends JSON only, never protobuf.
//
//   proxmox_node_memory_memtotal{node} · proxmox_node_network_receive_total{node,device} ·
//   proxmox_vm_cpu{vmid,node,name,type} · proxmox_storage_used{node,storage}
import { z } from "zod";
import type { Drops } from "../drops.ts";
import type { ReadSamples } from "./influx-samples.ts";
import { checkedTime, shown } from "./line-protocol.ts";
import { isAddress, nicOf, type PushedSample, SampleSet } from "./pushed-sample.ts";

/** Only what is read; everything else may be as it likes. Checked part by part, so that a fault costs that part. */
const Payload = z.object({
  resourceMetrics: z.array(
    z.object({ scopeMetrics: z.array(z.object({ metrics: z.array(z.unknown()).default([]) })).default([]) }),
  ),
});
const Points = z.object({ dataPoints: z.array(z.unknown()).max(10_000) });
const Metric = z.object({ name: z.string().max(255), gauge: Points.optional(), sum: Points.optional() });
/** Numbers of 64 bits are text in the OpenTelemetry standard; PVE writes numbers. */
const Wide = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{1,20}$/)
    .transform(Number),
]);
const DataPoint = z.object({
  timeUnixNano: Wide,
  asDouble: z.number().optional(),
  asInt: Wide.optional(),
  attributes: z
    .array(z.object({ key: z.string(), value: z.object({ stringValue: z.coerce.string().optional() }) }))
    .max(32),
});
type DataPoint = z.infer<typeof DataPoint>;

type Fault = { readonly fault: string };

export function otlpSamples(text: string, drops: Drops): ReadSamples | Fault {
  const payload = parsed(text);
  if ("fault" in payload) return payload;
  const set = new SampleSet();
  let points = 0;
  let refused = 0;
  let firstFault: string | null = null;
  const refuse = (what: string): void => {
    refused += 1;
    firstFault ??= what;
  };
  for (const metric of metricsOf(payload.data)) {
    const checked = Metric.safeParse(metric);
    if (!checked.success) {
      points += 1;
      refuse(`Metric ${points} has no readable name or data points.`);
      continue;
    }
    const { name, gauge, sum } = checked.data;
    for (const raw of (gauge ?? sum)?.dataPoints ?? []) {
      points += 1;
      const point = DataPoint.safeParse(raw);
      const ts = point.success ? checkedTime(point.data.timeUnixNano / 1e6) : undefined;
      if (!point.success || ts === undefined) refuse(`A data point of ${shown(name)} has no readable time or value.`);
      else addPoint(name, point.data, ts, set, drops);
    }
  }
  return { samples: set.list(), lines: points, refused, firstFault };
}

function parsed(text: string): { readonly data: z.infer<typeof Payload> } | Fault {
  try {
    const checked = Payload.safeParse(JSON.parse(text));
    if (checked.success) return { data: checked.data };
  } catch {
    return { fault: "The body is not valid JSON; protobuf is not taken, and Proxmox VE does not send it." };
  }
  return { fault: "The body has no resourceMetrics as OpenTelemetry's JSON has them." };
}

function* metricsOf({ resourceMetrics }: z.infer<typeof Payload>): Generator {
  for (const { scopeMetrics } of resourceMetrics) for (const { metrics } of scopeMetrics) yield* metrics;
}

const network = "proxmox_node_network_";
/** Longest first: a storage's name begins like a node's. */
const families = ["proxmox_node_", "proxmox_vm_", "proxmox_storage_"] as const;

function addPoint(metric: string, point: DataPoint, ts: number, set: SampleSet, drops: Drops): void {
  const family = families.find((start) => metric.startsWith(start));
  const value = point.asDouble ?? point.asInt;
  if (family === undefined || value === undefined || !Number.isFinite(value)) {
    drops.add("no data point of Proxmox VE");
    return;
  }
  const attributes = new Map(point.attributes.map(({ key, value: { stringValue = "" } }) => [key, stringValue]));
  const place = placeOf(family, attributes);
  if (place === undefined || !isAddress(place.kind, place.node, place.key)) {
    drops.add("data point without a node or vmid");
    return;
  }
  // A metric about one of a node's storages or file systems has a family of its own; these are its copies.
  if (metric.startsWith("proxmox_node_storage_")) return;
  const sample = set.at(place.kind, place.node, place.key, ts);
  if (metric.startsWith(network)) addNic(sample, attributes.get("device") ?? "", metric.slice(network.length), value);
  else sample.fields.set(metric.slice(family.length).replace(/_total$/, ""), value);
}

function placeOf(
  family: (typeof families)[number],
  attributes: ReadonlyMap<string, string>,
): Pick<PushedSample, "kind" | "node" | "key"> | undefined {
  const node = attributes.get("node") ?? "";
  if (family === "proxmox_node_") return { kind: "node", node, key: node };
  if (family === "proxmox_storage_") return { kind: "storage", node, key: attributes.get("storage") ?? "" };
  const type = attributes.get("type");
  if (type !== "qemu" && type !== "lxc") return undefined;
  return { kind: type, node, key: attributes.get("vmid") ?? "" };
}

function addNic(sample: PushedSample, device: string, name: string, value: number): void {
  const nic = nicOf(sample, device);
  if (name === "receive_total") nic.receive = value;
  if (name === "transmit_total") nic.transmit = value;
}
