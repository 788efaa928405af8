// A week of a simulated cluster in steps of five minutes: 3 nodes, 30 guests, storages, disks, pools and our own
// measurements, as rows of the catalogue. One guest was created in the middle of it, one was off for a while.
import type { Row } from "../../src/model/batch.ts";
import { diskEntityId, poolEntityId, scopeEntityId, targetEntityId } from "../../src/model/ids.ts";
import type { Entity } from "../../src/model/inventory.ts";
import { buildCluster } from "../../src/simulator/build-cluster.ts";
import type { SimGuest, SimNode } from "../../src/simulator/entities.ts";
import { readGuest } from "../../src/simulator/guest-measure.ts";
import { averageNode, loadAverage } from "../../src/simulator/node-measure.ts";
import { storagesOf, usedBytes, volumeOf } from "../../src/simulator/volume-measure.ts";
import { aCluster, aGuest, aNode, aStorage } from "../build.ts";

export const stepMs = 300_000;
const stepS = stepMs / 1_000;
const dayMs = 86_400_000;
export const cluster = "lab";

export interface SimulatedWeek {
  readonly fromMs: number;
  /** Just after the last row. */
  readonly toMs: number;
  readonly entities: readonly Entity[];
  /** In order of time, by day. */
  readonly days: readonly (readonly Row[])[];
}

export function simulatedWeek(toMs: number): SimulatedWeek {
  const fromMs = toMs - 7 * dayMs;
  const anchorS = Math.floor(toMs / dayMs) * (dayMs / 1_000);
  const plan = buildCluster({ nodes: 3, guests: 30, seed: 7, anchorS });
  const days = Array.from({ length: 7 }, (_, day) => rowsOfDay(plan, fromMs + day * dayMs, fromMs));
  return { fromMs, toMs, entities: entitiesOf(plan, toMs), days };
}

type Plan = ReturnType<typeof buildCluster>;

function entitiesOf({ nodes, guests, storages }: Plan, at: number): Entity[] {
  const ofStorages = storages.flatMap((storage) =>
    storage.shared
      ? [aStorage(cluster, null, storage.id, at)]
      : nodes
          .filter((node) => volumeOf(storage, node.name) !== undefined)
          .map((node) => aStorage(cluster, node.name, storage.id, at)),
  );
  return [
    aCluster(cluster, at),
    ...nodes.map(({ name }) => aNode(cluster, name, at)),
    ...guests.map(({ vmid, name, type, node, template }) => aGuest(cluster, vmid, at, { name, type, node, template })),
    ...ofStorages,
  ];
}

function rowsOfDay(plan: Plan, dayFromMs: number, fromMs: number): Row[] {
  const rows: Row[] = [];
  for (let ts = dayFromMs; ts < dayFromMs + dayMs; ts += stepMs) {
    rows.push(
      ...nodeRows(plan, ts),
      ...guestRows(plan.guests, ts, fromMs),
      ...storageRows(plan, ts),
      clusterRow(plan, ts),
    );
    rows.push(...targetRows(plan, ts));
    if (ts % (6 * 3_600_000) === 0) rows.push(...partRows(plan, ts));
    if (ts % dayMs === 0) rows.push(...costRows(plan, ts));
  }
  return rows;
}

const row = (
  id: string,
  ts: number,
  node: string | null,
  values: Row["values"],
  origin: Row["origin"] = "export",
): Row => ({
  id,
  ts,
  stepS,
  origin,
  node,
  values,
});

const nodeRows = ({ nodes, guests }: Plan, ts: number): Row[] =>
  nodes.map((node) => row(`${cluster}/node/${node.name}`, ts, node.name, nodeValues(node, guests, ts / 1_000)));

function nodeValues(node: SimNode, guests: readonly SimGuest[], atS: number): Row["values"] {
  const { hardware } = node;
  const now = averageNode(node, guests, atS - 10, atS);
  return {
    cpu_ratio: now.cpu,
    cpu_count: hardware.threads,
    iowait_ratio: now.iowait,
    load_1m: loadAverage(node, now.cpu),
    load_5m: loadAverage(node, now.cpu) * 0.99,
    load_15m: loadAverage(node, now.cpu) * 0.97,
    mem_total_bytes: hardware.memoryBytes,
    mem_used_bytes: Math.floor(now.memUsedBytes),
    mem_available_bytes: hardware.memoryBytes - Math.floor(now.memUsedBytes),
    arc_size_bytes: 0.05 * hardware.memoryBytes,
    swap_total_bytes: hardware.swapBytes,
    swap_used_bytes: hardware.swapBytes * 0.02,
    root_total_bytes: hardware.rootBytes,
    root_used_bytes: hardware.rootBytes * 0.3,
    uptime_seconds: atS - node.bootedAtS,
    ksm_shared_bytes: 2 ** 30,
    net_in_bytes_per_second: now.netInBytesPerSecond,
    net_out_bytes_per_second: now.netOutBytesPerSecond,
    ...psi(now.cpu),
  };
}

const psi = (cpu: number): Row["values"] => ({
  psi_cpu_some_percent: 10 * cpu,
  psi_io_some_percent: 4 * cpu,
  psi_io_full_percent: 2 * cpu,
  psi_memory_some_percent: cpu,
  psi_memory_full_percent: 0.5 * cpu,
});

function guestRows(guests: readonly SimGuest[], ts: number, fromMs: number): Row[] {
  return guests.flatMap((guest, index) => {
    // Created in the middle of the week, and not on a full hour; off for 47 minutes.
    if (index === 4 && ts < fromMs + 3.4 * dayMs) return [];
    const isOff = index === 5 && Math.abs(ts - fromMs - 2 * dayMs) < 1_400_000;
    return [row(`${cluster}/guest/${guest.vmid}~1`, ts, guest.node, guestValues(guest, ts / 1_000, isOff))];
  });
}

function guestValues(guest: SimGuest, atS: number, isOff: boolean): Row["values"] {
  const fixed = { cpu_count: guest.cores, mem_total_bytes: guest.memoryBytes, disk_total_bytes: guest.diskBytes };
  const reading = isOff ? undefined : readGuest(guest, atS, "9.2");
  const before = isOff ? undefined : readGuest(guest, atS - 10, "9.2");
  if (reading === undefined) return { ...fixed, running: 0 };
  const rate = (now: number, then: number | undefined): number | null =>
    then === undefined ? null : Math.max(0, now - then) / 10;
  return {
    ...fixed,
    running: 1,
    cpu_ratio: reading.cpu,
    mem_used_bytes: reading.memBytes,
    mem_host_bytes: reading.memHostBytes,
    mem_source: guest.type === "lxc" ? 3 : 1,
    ...(guest.type === "lxc" ? { disk_used_bytes: reading.diskBytes } : {}),
    uptime_seconds: reading.uptimeS,
    backup_age_seconds: (atS + guest.vmid * 600) % 86_400,
    net_in_bytes_per_second: rate(reading.netInBytes, before?.netInBytes),
    net_out_bytes_per_second: rate(reading.netOutBytes, before?.netOutBytes),
    disk_read_bytes_per_second: rate(reading.diskReadBytes, before?.diskReadBytes),
    disk_write_bytes_per_second: rate(reading.diskWriteBytes, before?.diskWriteBytes),
    ...psi(reading.cpu),
    psi_cpu_full_percent: 3 * reading.cpu,
    fs_total_bytes: guest.diskBytes,
    fs_used_bytes: guest.diskBytes * 0.4,
    guest_mem_total_bytes: guest.memoryBytes * 0.98,
    guest_mem_available_bytes: guest.memoryBytes * 0.5,
  };
}

function storageRows({ nodes, storages }: Plan, ts: number): Row[] {
  return nodes.flatMap((node, index) =>
    storagesOf(storages, node).flatMap((storage): Row[] => {
      const volume = volumeOf(storage, node.name);
      if (volume === undefined || (storage.shared && index > 0)) return [];
      const id = `${cluster}/storage/${storage.shared ? "@" : `${node.name}:`}${storage.id}`;
      const values = { total_bytes: volume.totalBytes, used_bytes: Math.floor(usedBytes(volume, ts / 1_000)) };
      return [row(id, ts, storage.shared ? null : node.name, values)];
    }),
  );
}

function clusterRow({ nodes, guests }: Plan, ts: number): Row {
  const listed = guests.filter(({ template }) => !template);
  const running = listed.filter((guest) => readGuest(guest, ts / 1_000, "9.2") !== undefined);
  const ceph = { raw: 6e13, used: 2e13 + (ts % dayMs) * 1e4 };
  const values = {
    nodes_online: nodes.length,
    nodes_total: nodes.length,
    quorate: 1,
    guests_running: running.length,
    guests_total: listed.length,
    ceph_raw_total_bytes: ceph.raw,
    ceph_raw_used_bytes: ceph.used,
    ceph_raw_available_bytes: ceph.raw - ceph.used,
    ceph_stored_bytes: ceph.used / 3,
  };
  return row(`${cluster}/cluster`, ts, null, values, "self");
}

const targetRows = ({ nodes }: Plan, ts: number): Row[] =>
  ["@cluster", ...nodes.map(({ name }) => name)].map((target, index) => {
    const age = target === "@cluster" ? {} : { age_seconds: 4 + index, clock_skew_seconds: 0.01 * (index - 1) };
    const isUp = (ts / stepMs) % 97 !== index;
    const values = { up: isUp ? 1 : 0, duration_seconds: 0.02 * (index + 1), received_bytes: 1e5, ...age };
    return row(targetEntityId(cluster, target), ts, null, values, "self");
  });

const partRows = ({ nodes }: Plan, ts: number): Row[] =>
  nodes.flatMap(({ name }, index) => [
    row(
      diskEntityId(cluster, name, `SERIAL${index}`),
      ts,
      name,
      {
        temperature_celsius: 35 + index + ((ts / stepMs) % 5),
        wear_percent: 10 + index,
        power_on_seconds: 1e7 + ts / 1_000 - 1.7e9,
        reallocated_sectors: index,
        pending_sectors: 0,
        media_errors: 0,
      },
      "fact",
    ),
    row(
      poolEntityId(cluster, name, "zfs", "rpool"),
      ts,
      name,
      {
        total_bytes: 4e12,
        used_bytes: 1e12 + ((ts % dayMs) / 1_000) * 1e6,
        available_bytes: 3e12 - ((ts % dayMs) / 1_000) * 1e6,
        fragmentation_percent: 12,
      },
      "fact",
    ),
  ]);

/** As the job `costs` makes them: a point per closed day of the cluster, of pools, tags and guests. */
const costRows = ({ guests }: Plan, ts: number): Row[] => {
  const of = (id: string, perHour: number): Row => ({
    ...row(id, ts, null, { cost_per_hour: perHour }, "analysis"),
    stepS: dayMs / 1_000,
  });
  const dayNumber = (ts / dayMs) % 7;
  return [
    of(scopeEntityId(cluster, "cluster", ""), 2 + dayNumber / 10),
    of(scopeEntityId(cluster, "tag", "team-a"), 0.5 + dayNumber / 20),
    of(scopeEntityId(cluster, "tag", "team-b"), 0.7),
    of(scopeEntityId(cluster, "pool", "prod"), 0.9),
    ...guests.slice(0, 8).map(({ vmid }) => of(scopeEntityId(cluster, "guest", `${vmid}~1`), vmid / 2_000)),
  ];
};
