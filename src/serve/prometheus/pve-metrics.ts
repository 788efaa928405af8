// The fleet as the metrics of prometheus-pve-exporter, by its names and labels, so that dashboards and alerts that people
// have for it go on working. What is not known is left out: the exporter says 0 for the memory of a stopped guest, and for
// the used disk of a VM, which Proxmox VE does not know.
import type { LiveEntity } from "../../model/fleet.ts";
import type { ClusterEntity, Entity, GuestEntity, NodeEntity, StorageEntity } from "../../model/inventory.ts";
import type { MetricId } from "../../model/metrics.ts";
import type { ScopedFleet } from "../scoped-fleet.ts";
import { type Family, type Labels, prometheusText, type Sample } from "./text-format.ts";

/** Prometheus itself takes a value for gone after five minutes. */
const staleAfterMs = 5 * 60_000;

const guestHaStates = [
  "stopped",
  "request_stop",
  "request_start",
  "request_start_balance",
  "started",
  "fence",
  "recovery",
  "migrate",
  "relocate",
  "freeze",
  "error",
];
const nodeHaStates = ["online", "maintenance", "unknown", "fence", "gone"];
const locks = [
  "backup",
  "clone",
  "create",
  "migrate",
  "rollback",
  "snapshot",
  "snapshot-delete",
  "suspended",
  "suspending",
];

/** One thing under the exporter's id; a shared storage is one for each node that has it. */
interface Subject<E extends Entity = Entity> {
  readonly entity: E;
  readonly labels: Labels;
  /** Only what was measured in the last five minutes. */
  readonly values: Readonly<Record<MetricId, number>>;
}

interface Subjects {
  readonly clusters: readonly Subject<ClusterEntity>[];
  readonly nodes: readonly Subject<NodeEntity>[];
  readonly guests: readonly Subject<GuestEntity>[];
  readonly storages: readonly Subject<StorageEntity>[];
}

/** Prometheus text of what `fleet` shows; with `cluster` of that one only. Every series has the label `cluster`. */
export function pveMetrics(fleet: ScopedFleet, nowMs: number, cluster: string | undefined): string {
  const subjectsOf = <K extends Entity["kind"]>(kind: K): readonly Subject<OfKind<K>>[] =>
    fleet.list(kind).flatMap((live) => {
      const { entity } = live;
      if (!isOfKind(entity, kind) || (cluster !== undefined && entity.cluster !== cluster)) return [];
      const values = isFresh(live, nowMs) ? live.values : {};
      return idsOf(entity).map((id) => ({ entity, labels: { cluster: entity.cluster, id }, values }));
    });
  const subjects = {
    clusters: subjectsOf("cluster"),
    nodes: subjectsOf("node"),
    guests: subjectsOf("guest"),
    storages: subjectsOf("storage"),
  };
  return prometheusText([...states(subjects), ...numbers(subjects), ...infos(subjects)]);
}

type OfKind<K extends Entity["kind"]> = Extract<Entity, { readonly kind: K }>;

const isOfKind = <K extends Entity["kind"]>(entity: Entity, kind: K): entity is OfKind<K> => entity.kind === kind;

const isFresh = ({ valuesAt, periodS }: LiveEntity, nowMs: number): boolean =>
  valuesAt !== null && nowMs - valuesAt < Math.max(staleAfterMs, 3_000 * periodS);

function idsOf(entity: Entity): readonly string[] {
  switch (entity.kind) {
    case "cluster":
      return [`cluster/${entity.name}`];
    case "node":
      return [`node/${entity.name}`];
    case "guest":
      return [`${entity.type}/${entity.vmid}`];
    case "storage":
      return entity.nodes.map((node) => `storage/${node}/${entity.storage}`);
  }
}

function states({ clusters, nodes, guests, storages }: Subjects): readonly Family[] {
  return [
    {
      name: "pve_up",
      type: "gauge",
      help: "1 when a node is online, a guest runs, or a storage is available",
      samples: [...clusters, ...nodes, ...guests, ...storages].map((one) => sample(one, isUp(one.entity) ? 1 : 0)),
    },
    {
      name: "pve_ha_state",
      type: "gauge",
      help: "1 for the state that the HA manager reports",
      samples: [
        ...nodes.flatMap((one) => oneOf(one, nodeHaStates, one.entity.haState)),
        ...guests.flatMap((one) => oneOf(one, guestHaStates, one.entity.haState)),
      ],
    },
    {
      name: "pve_lock_state",
      type: "gauge",
      help: "1 for the lock that a guest's configuration has",
      samples: guests.flatMap((one) => oneOf(one, locks, one.entity.lock)),
    },
  ];
}

function isUp(entity: Entity): boolean {
  switch (entity.kind) {
    case "cluster":
      return entity.quorate ?? true;
    case "node":
      return entity.status === "online";
    case "guest":
      return entity.status === "running";
    case "storage":
      return entity.status === "available";
  }
}

/** Our metric by kind, and what the exporter calls it. */
function numbers({ nodes, guests, storages }: Subjects): readonly Family[] {
  const of = (
    name: string,
    help: string,
    sources: readonly (readonly [readonly Subject[], MetricId])[],
    type: Family["type"] = "gauge",
  ): Family => ({ name, type, help, samples: sources.flatMap(([list, metric]) => measured(list, metric)) });
  return [
    of("pve_disk_size_bytes", "Size of a storage, of a node's root file system, or of a guest's root image", [
      [nodes, "root_total_bytes"],
      [guests, "disk_total_bytes"],
      [storages, "total_bytes"],
    ]),
    of("pve_disk_usage_bytes", "Bytes in use; for VMs it is not known", [
      [nodes, "root_used_bytes"],
      [guests, "disk_used_bytes"],
      [storages, "used_bytes"],
    ]),
    of("pve_memory_size_bytes", "Memory of a node or guest", [
      [nodes, "mem_total_bytes"],
      [guests, "mem_total_bytes"],
    ]),
    of("pve_memory_usage_bytes", "Memory in use", [
      [nodes, "mem_used_bytes"],
      [guests, "mem_used_bytes"],
    ]),
    of("pve_cpu_usage_ratio", "CPU in use, as a share of the node's or guest's own CPUs", [
      [nodes, "cpu_ratio"],
      [guests, "cpu_ratio"],
    ]),
    of("pve_cpu_usage_limit", "CPUs of a node or guest", [
      [nodes, "cpu_count"],
      [guests, "cpu_count"],
    ]),
    of("pve_uptime_seconds", "Time since a node or guest was started", [
      [nodes, "uptime_seconds"],
      [guests, "uptime_seconds"],
    ]),
    ...counters(guests),
  ];
}

/** Stem of our counter, the exporter's name for it, and its older name as a gauge. */
const counterNames = [
  ["net_out", "pve_network_transmit_bytes", "Bytes a guest has sent since it was started"],
  ["net_in", "pve_network_receive_bytes", "Bytes a guest has received since it was started"],
  ["disk_write", "pve_disk_written_bytes", "Bytes a guest has written since it was started"],
  ["disk_read", "pve_disk_read_bytes", "Bytes a guest has read since it was started"],
] as const;

function counters(guests: readonly Subject[]): readonly Family[] {
  return counterNames.flatMap(([stem, name, help]): Family[] => {
    const samples = measured(guests, `${stem}_bytes_total`);
    const older = name === "pve_disk_written_bytes" ? "pve_disk_write_bytes" : name;
    return [
      { name: `${name}_total`, type: "counter", help, samples },
      { name: older, type: "gauge", help: `${help} (older name of ${name}_total)`, samples },
    ];
  });
}

function infos({ clusters, nodes, guests, storages }: Subjects): readonly Family[] {
  return [
    info("pve_cluster_info", "A cluster", clusters, ({ entity }) => ({
      nodes: String(nodesOf(nodes, entity).length),
      quorate: entity.quorate === false ? "0" : "1",
      version: "",
    })),
    info("pve_version_info", "The release of Proxmox VE", clusters, ({ entity }) => ({
      release: entity.release ?? "",
      repoid: "",
      version: nodesOf(nodes, entity)[0]?.entity.version ?? "",
    })),
    info("pve_node_info", "A node", nodes, ({ entity }) => ({ level: "", name: entity.name, nodeid: "" })),
    info("pve_guest_info", "A VM or container", guests, ({ entity: { name, node, tags, template, type } }) => ({
      name,
      node,
      tags: tags.join(";"),
      template: template ? "1" : "0",
      type,
    })),
    info("pve_storage_info", "A storage of a node", storages, ({ entity, labels }) => ({
      content: entity.content.join(","),
      node: nodeIn(labels),
      plugintype: entity.pluginType ?? "",
      storage: entity.storage,
    })),
    {
      name: "pve_storage_shared",
      type: "gauge",
      help: "1 when a storage is shared between nodes",
      samples: storages.map((one) => sample(one, one.entity.shared ? 1 : 0)),
    },
  ];
}

const nodesOf = (nodes: readonly Subject<NodeEntity>[], { cluster }: ClusterEntity): readonly Subject<NodeEntity>[] =>
  nodes.filter(({ entity }) => entity.cluster === cluster);

/** "storage/pve1/local" names the node in its middle. */
const nodeIn = (labels: Labels): string => labels["id"]?.split("/")[1] ?? "";

const info = <S extends Subject>(name: string, help: string, list: readonly S[], more: (one: S) => Labels): Family => ({
  name,
  type: "gauge",
  help,
  samples: list.map((one) => ({ labels: { ...one.labels, ...more(one) }, value: 1 })),
});

const measured = (list: readonly Subject[], metric: MetricId): readonly Sample[] =>
  list.flatMap((one) => {
    const value = one.values[metric];
    return value === undefined ? [] : [sample(one, value)];
  });

const sample = ({ labels }: Subject, value: number): Sample => ({ labels, value });

/** A series per possible state, 1 for the one that holds; none where there is no state at all. */
const oneOf = ({ labels }: Subject, possible: readonly string[], actual: string | null): readonly Sample[] =>
  actual === null ? [] : possible.map((state) => ({ labels: { ...labels, state }, value: state === actual ? 1 : 0 }));
