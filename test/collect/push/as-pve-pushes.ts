// The bodies that a simulated node's status daemon would push after a round: the same measurement that its export
// gives, in the words of Proxmox VE's two metric servers. One body per subsystem, as the real one sends them.
import { type Generation, guestView, nodeValue, storageView } from "../../../src/simulator/pvestatd.ts";

export interface PushedRound {
  readonly node: string;
  readonly generation: Generation;
}

type Fields = Record<string, number | string | undefined>;

interface Thing {
  /** As the InfluxDB plugin writes it. */
  readonly tags: string;
  readonly attributes: Record<string, string>;
  readonly prefix: "proxmox_node" | "proxmox_vm" | "proxmox_storage";
  /** Flat ones, and groups: `cpustat: { cpu }`. */
  readonly fields: Fields;
  readonly groups?: Record<string, Fields>;
  readonly nics?: Record<string, Fields>;
}

const gib = 2 ** 30;

export const pushedArc = { size: 4 * gib, min: gib, max: 8 * gib };
/** Of running guests; the export does not have it. */
export const pushedPressure = 12.5;

function nodeThing({ node, generation }: PushedRound): Thing {
  const value = (field: Parameters<typeof nodeValue>[1]): number => nodeValue(generation, field);
  const nic = { receive: value("net_in"), transmit: value("net_out") };
  const [total, used] = [value("mem_total"), value("mem_used")];
  return {
    tags: `object=nodes,host=${node}`,
    attributes: { node },
    prefix: "proxmox_node",
    fields: { uptime: value("uptime") },
    groups: {
      cpustat: {
        cpu: value("cpu_current"),
        wait: value("cpu_iowait"),
        avg1: value("cpu_avg1"),
        avg5: value("cpu_avg5"),
        avg15: value("cpu_avg15"),
        cpus: value("cpu_max"),
        user: 123_456,
        idle: 9_876_543,
      },
      memory: {
        memtotal: total,
        memused: used,
        memfree: (total - used) / 2,
        memavailable: total - used,
        swaptotal: value("swap_total"),
        swapused: value("swap_used"),
        arcsize: pushedArc.size,
        arcmin: pushedArc.min,
        arcmax: pushedArc.max,
      },
      blockstat: {
        blocks: value("disk_total"),
        bfree: value("disk_total") - value("disk_used"),
        bavail: 1,
        used: 2,
        per: 3,
      },
    },
    nics: { eno1: { ...nic, type: "physical" }, vmbr0: { receive: 9e9, transmit: 9e9, type: "virtual" } },
  };
}

function guestThings({ node, generation }: PushedRound, type: "qemu" | "lxc"): Thing[] {
  return generation.layout.guests.flatMap((guest, index) => {
    if (guest.type !== type) return [];
    const view = guestView(generation, index);
    const running = view.running;
    const vmid = String(guest.vmid);
    return [
      {
        tags: `object=${type},vmid=${vmid},nodename=${node},host=${view.name.replaceAll(/\s/g, "\\ ")}`,
        attributes: { vmid, node, name: view.name, type },
        prefix: "proxmox_vm" as const,
        fields: {
          status: running ? "running" : "stopped",
          name: view.name,
          tags: 'prod;a "quoted" tag, with = and blanks',
          uptime: view.uptime,
          cpus: guest.cores,
          maxmem: guest.memoryBytes,
          maxdisk: guest.diskBytes,
          cpu: running ? view.cpu_current : 0,
          mem: running ? view.mem_used : 0,
          disk: running && type === "lxc" ? view.disk_used : 0,
          diskread: running ? view.disk_read : 0,
          diskwrite: running ? view.disk_write : 0,
          netin: running ? view.net_in : 0,
          netout: running ? view.net_out : 0,
          memhost: running && type === "qemu" ? view.mem_host : undefined,
          pressurecpusome: running ? pushedPressure : 0,
        },
        groups: running && type === "qemu" ? { ballooninfo: { actual: guest.memoryBytes } } : {},
      },
    ];
  });
}

function storageThings({ node, generation }: PushedRound): Thing[] {
  return generation.layout.storages.flatMap((storage, index) => {
    const { total, used } = storageView(generation, index);
    // Only active ones are told to metric servers.
    if (total === 0) return [];
    return [
      {
        tags: `object=storages,nodename=${node},host=${storage.id},type=dir`,
        attributes: { node, storage: storage.id },
        prefix: "proxmox_storage" as const,
        fields: { total, used, avail: total - used, active: 1, enabled: 1, shared: 0, type: "dir" },
      },
    ];
  });
}

const subsystems = (round: PushedRound): Thing[][] => [
  [nodeThing(round)],
  guestThings(round, "qemu"),
  guestThings(round, "lxc"),
  storageThings(round),
];

/** The bodies of `POST /api/v2/write`. */
export function influxBodies(round: PushedRound): string[] {
  const time = `${round.generation.timestampS}000000000`;
  return subsystems(round)
    .filter((things) => things.length > 0)
    .map((things) => things.flatMap((thing) => linesOf(thing, time)).join(""));
}

function linesOf({ tags, fields, groups = {}, nics = {} }: Thing, time: string): string[] {
  const line = (measurement: string, more: string, values: Fields): string =>
    `${measurement},${tags}${more} ${fieldsOf(values)} ${time}\n`;
  return [
    ...Object.entries(groups).map(([group, values]) => line(group, "", values)),
    ...Object.entries(nics).map(([nic, values]) => line("nics", `,instance=${nic}`, values)),
    line("system", "", fields),
  ];
}

const fieldsOf = (fields: Fields): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === "number" ? value : `"${value?.replaceAll('"', '\\"')}"`}`)
    .join(",");

/** The bodies of `POST /v1/metrics`, before compression. */
export function otlpBodies(round: PushedRound): string[] {
  return subsystems(round)
    .filter((things) => things.length > 0)
    .map((things) =>
      otlpBody(
        round,
        things.flatMap((thing) => metricsOf(thing, round.generation.timestampS)),
      ),
    );
}

export const otlpBody = ({ node }: Pick<PushedRound, "node">, metrics: readonly unknown[]): string =>
  JSON.stringify({
    resourceMetrics: [
      {
        resource: { attributes: [attribute("service.name", "proxmox-ve"), attribute("proxmox.node", node)] },
        scopeMetrics: [{ scope: {}, metrics }],
      },
    ],
  });

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const isCounter = /^(netin|netout|diskread|diskwrite|receive|transmit)$/;

export function metricsOf({ prefix, attributes, fields, groups = {}, nics = {} }: Thing, timeS: number): unknown[] {
  const metrics = (start: string, values: Fields, more: Record<string, string> = {}): unknown[] =>
    Object.keys(values)
      .sort()
      .flatMap((key): unknown[] => {
        const value = values[key];
        if (typeof value !== "number") return [];
        const point = {
          timeUnixNano: timeS * 1e9,
          attributes: Object.entries({ ...attributes, ...more }).map(([name, text]) => attribute(name, text)),
          ...(Number.isInteger(value) ? { asInt: value } : { asDouble: value }),
        };
        const counts = isCounter.test(key) || (start.endsWith("_cpustat") && /^(wait|user|idle)$/.test(key));
        const name = `${start}_${key}${counts ? "_total" : ""}`;
        return counts
          ? [{ name, unit: "bytes", sum: { dataPoints: [point], aggregationTemporality: 2, isMonotonic: true } }]
          : [{ name, unit: "1", gauge: { dataPoints: [point] } }];
      });
  return [
    ...Object.entries(groups).flatMap(([group, values]) => metrics(`${prefix}_${group}`, values)),
    ...metrics(prefix, fields),
    ...Object.entries(nics).flatMap(([device, values]) => metrics(`${prefix}_network`, values, { device })),
  ];
}

export const guestMetrics = (round: PushedRound): unknown[] =>
  guestThings(round, "qemu").flatMap((thing) => metricsOf(thing, round.generation.timestampS));
