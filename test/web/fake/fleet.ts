// A seeded fleet in the shapes of /api/v1: clusters, nodes, guests, storages, tasks and problems.
import type {
  FleetItem,
  GuestItem,
  NodeItem,
  ProblemItem,
  StorageItem,
  TaskItem,
} from "../../../src/web/fleet/item.ts";
import { seeded } from "./random.ts";

const gib = 2 ** 30;
const mib = 2 ** 20;

export interface FleetShape {
  readonly nodes: number;
  readonly guests: number;
}

export interface Fleet {
  items: FleetItem[];
  tasks: TaskItem[];
  problems: ProblemItem[];
  /** What analysis has left: whole answers of lists by their path, `/findings`. */
  answers: Readonly<Record<string, readonly object[]>>;
  /** Of who is looking. */
  role: string;
}

const names = [
  "web",
  "db-main",
  "ci-runner",
  "mail",
  "win-ts",
  "git",
  "cache",
  "wiki",
  "proxy",
  "build",
  "metrics",
  "backup",
];
const tagSets = [["team-shop"], ["team-dev", "ci"], [], ["team-shop", "db"], ["team-ops"], ["prod"], []];

const base = (id: string, cluster: string, name: string, web: string) => ({
  id,
  cluster,
  name,
  first_seen_at: "2026-01-12T08:00:00.000Z",
  last_seen_at: new Date().toISOString(),
  gone_at: null,
  web_url: `https://pve.example:8006/${web}`,
  values_at: new Date().toISOString(),
  period_seconds: 10,
});

export function makeFleet({ nodes, guests }: FleetShape): Fleet {
  const random = seeded(7);
  const nodeNames = Array.from({ length: nodes }, (_, index) => `pve${index + 1}`);
  const guestItems = Array.from({ length: guests }, (_, index) =>
    makeGuest(100 + index, nodeNames[index % nodes] ?? "pve1", random),
  );
  const items: FleetItem[] = [
    {
      ...base("demo/cluster", "demo", "demo", ""),
      kind: "cluster",
      notes: [],
      release: "9.2",
      quorate: nodes > 1 ? true : null,
      simulated: true,
      values: {
        nodes_online: nodes,
        nodes_total: nodes,
        guests_running: guestItems.filter((guest) => guest.status === "running").length,
        guests_total: guests,
        quorate: 1,
      },
    },
    ...nodeNames.map((name) => makeNode(name, random)),
    ...guestItems,
    ...nodeNames.map((name) => makeStorage("local", name, random)),
    makeStorage("ceph-1", null, random, nodeNames),
    makeStorage("nfs-backup", null, random, nodeNames),
  ];
  return { items, tasks: makeTasks(guestItems), problems: [], answers: {}, role: "viewer" };
}

function makeNode(name: string, random: () => number): NodeItem {
  return {
    ...base(`demo/node/${name}`, "demo", name, `#v1:0:=node/${name}`),
    kind: "node",
    status: "online",
    ha_state: null,
    address: "192.0.2.11",
    version: "9.2.1",
    values: {
      cpu_ratio: name === "pve2" ? 0.91 : 0.2 + random() * 0.5,
      cpu_count: 32,
      iowait_ratio: 0.01,
      load_1m: 7.12,
      load_5m: 6.4,
      load_15m: 6.01,
      mem_total_bytes: 256 * gib,
      mem_used_bytes: (100 + random() * 110) * gib,
      swap_total_bytes: 8 * gib,
      swap_used_bytes: 0.4 * gib,
      root_total_bytes: 96 * gib,
      root_used_bytes: (20 + random() * 40) * gib,
      uptime_seconds: 40 * 86_400 + random() * 1e6,
      net_in_bytes_per_second: random() * 600 * mib,
      net_out_bytes_per_second: random() * 600 * mib,
    },
  };
}

function makeGuest(vmid: number, node: string, random: () => number): GuestItem {
  const type = random() < 0.6 ? "qemu" : "lxc";
  const template = vmid % 41 === 12;
  const running = !template && random() > 0.08;
  const total = 2 ** Math.floor(1 + random() * 5) * gib;
  const name = `${names[vmid % names.length] ?? "vm"}-${String(vmid % 37).padStart(2, "0")}`;
  return {
    ...base(`demo/guest/${vmid}~1`, "demo", template ? `tmpl-debian-${vmid}` : name, `#v1:0:=${type}/${vmid}`),
    kind: "guest",
    vmid,
    generation: 1,
    type,
    node,
    status: running ? "running" : "stopped",
    template,
    lock: vmid === 104 ? "backup" : null,
    tags: template ? [] : (tagSets[vmid % tagSets.length] ?? []),
    pool: vmid % 3 === 0 ? "prod" : null,
    ha_state: vmid % 10 === 0 ? "started" : null,
    values: guestValues(vmid, type, running, total, random),
  };
}

function guestValues(
  vmid: number,
  type: string,
  running: boolean,
  total: number,
  random: () => number,
): Record<string, number> {
  const disk = (8 + Math.floor(random() * 120)) * gib;
  const values: Record<string, number> = {
    running: Number(running),
    cpu_count: 1 + Math.floor(random() * 8),
    mem_total_bytes: total,
    disk_total_bytes: disk,
  };
  if (type === "lxc") values["disk_used_bytes"] = disk * random() * 0.9;
  if (!running) return values;
  Object.assign(values, {
    cpu_ratio: random() ** 2,
    uptime_seconds: random() * 60 * 86_400,
    net_in_bytes_per_second: random() ** 3 * 30 * mib,
    net_out_bytes_per_second: random() ** 3 * 30 * mib,
    disk_read_bytes_per_second: random() ** 3 * 8 * mib,
    disk_write_bytes_per_second: random() ** 3 * 8 * mib,
  });
  // Every ninth VM reports nothing about its memory; others report from outside only.
  if (type === "qemu" && vmid % 9 === 4) return values;
  const outside = type === "qemu" && vmid % 7 === 1;
  values["mem_source"] = type === "lxc" ? 3 : outside ? 2 : 1;
  values["mem_used_bytes"] = total * (outside ? 0.99 : 0.15 + random() * 0.8);
  values["mem_host_bytes"] = total * 0.98;
  return values;
}

function makeStorage(
  storage: string,
  node: string | null,
  random: () => number,
  nodes: readonly string[] = node === null ? [] : [node],
): StorageItem {
  const total = (node === null ? 20_000 : 400) * gib;
  return {
    ...base(
      `demo/storage/${node === null ? `@${storage}` : `${node}:${storage}`}`,
      "demo",
      storage,
      `#v1:0:=storage/${node ?? nodes[0] ?? ""}/${storage}`,
    ),
    kind: "storage",
    storage,
    node,
    nodes,
    shared: node === null,
    status: "available",
    plugin_type: node === null ? (storage.startsWith("nfs") ? "nfs" : "rbd") : "dir",
    content: ["images", "rootdir"],
    values: { total_bytes: total, used_bytes: total * (storage === "ceph-1" ? 0.83 : 0.1 + random() * 0.5) },
  };
}

function makeTasks(guests: readonly GuestItem[]): TaskItem[] {
  const at = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
  const task = (number: number, type: string, guest: GuestItem | undefined, more: Partial<TaskItem>): TaskItem => ({
    upid: `UPID:${guest?.node ?? "pve1"}:0000${number}:0000:6720F0A0:${type}:${guest?.vmid ?? ""}:root@pam:`,
    cluster: "demo",
    node: guest?.node ?? "pve1",
    type,
    subject: guest === undefined ? "" : String(guest.vmid),
    guest_id: guest?.id ?? null,
    user: "root@pam",
    started_at: at(number * 7),
    ended_at: at(number * 7 - 2),
    state: "ok",
    exit_status: "OK",
    ...more,
  });
  return [
    task(1, "vzdump", guests[4], { state: "running", ended_at: null, exit_status: null }),
    task(2, "qmigrate", guests[7], {
      state: "failed",
      exit_status: "storage 'local-lvm' is not available on node 'pve3'",
    }),
    task(3, "qmstart", guests[2], {}),
    task(4, "vzdump", guests[1], { state: "warning", exit_status: "WARNINGS: 1" }),
    task(5, "aptupdate", undefined, {}),
    task(6, "qmsnapshot", guests[5], { user: "backup@pve!cron" }),
    task(9, "vzstart", guests[6], {}),
  ];
}
