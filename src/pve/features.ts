// What Pilothouse does with a cluster, the calls it makes for it, and the privileges that these need. The one table:
// the role that `init` prints, the checks of `init` and `doctor`, the collector's problems and the reference page are
// all made from it. A test holds it to Proxmox VE's own schemas.

export interface Need {
  readonly privilege: string;
  /** As the schema writes it: a name in braces stands for every such thing. */
  readonly path: string;
  /** First major release that knows the privilege. */
  readonly since?: number;
}

export interface Feature {
  readonly id: string;
  readonly name: string;
  /** As the schema writes them, "GET /cluster/status". */
  readonly calls: readonly string[];
  readonly needs: readonly Need[];
  /**
   * Optional: the role has it, and without it only this is left out. Extra: not in the role, because the privilege lets
   * do more than read what we show; who wants the feature gives it on purpose.
   */
  readonly needed: "required" | "optional" | "extra";
  /** What is missing without it, one sentence. */
  readonly without: string;
}

const onCluster: Need = { privilege: "Sys.Audit", path: "/" };
const onNodes: Need = { privilege: "Sys.Audit", path: "/nodes/{node}" };
const onGuests: Need = { privilege: "VM.Audit", path: "/vms/{vmid}" };
const onStorages: Need = { privilege: "Datastore.Audit", path: "/storage/{storage}" };
const onAgents: Need = { privilege: "VM.GuestAgent.Audit", path: "/vms/{vmid}", since: 9 };
const onPools: Need = { privilege: "Pool.Audit", path: "/pool/{poolid}" };

export const features: readonly Feature[] = [
  {
    id: "status",
    name: "Members, quorum and addresses of the nodes",
    calls: ["GET /cluster/status", "GET /nodes", "GET /nodes/{node}/version", "GET /version"],
    needs: [onCluster],
    needed: "required",
    without: "Quorum and the nodes' addresses are not known.",
  },
  {
    id: "samples",
    name: "Samples of nodes, guests and storages",
    calls: ["GET /cluster/metrics/export"],
    needs: [onCluster],
    needed: "required",
    without: "No samples every ten seconds; values come from the listing, every 30 seconds.",
  },
  {
    id: "tasks",
    name: "Tasks of everybody, their states and logs",
    calls: ["GET /cluster/tasks", "GET /nodes/{node}/tasks", "GET /nodes/{node}/tasks/{upid}/status"],
    needs: [onCluster, onNodes],
    needed: "required",
    without: "Only tasks of our own are seen.",
  },
  {
    id: "nodes",
    name: "Nodes: state, use and history",
    calls: ["GET /cluster/resources", "GET /nodes/{node}/rrddata"],
    needs: [onNodes],
    needed: "required",
    without: "Nodes show neither use nor history.",
  },
  {
    id: "guests",
    name: "Guests: listing, state, use and history",
    calls: ["GET /cluster/resources", "GET /nodes/{node}/qemu/{vmid}/rrddata", "GET /nodes/{node}/lxc/{vmid}/rrddata"],
    needs: [onGuests],
    needed: "required",
    without: "Guests are not listed at all.",
  },
  {
    id: "storages",
    name: "Storages: listing, state, use and history",
    calls: ["GET /cluster/resources", "GET /nodes/{node}/storage/{storage}/rrddata"],
    needs: [onStorages],
    needed: "required",
    without: "Storages are not listed at all.",
  },
  {
    id: "pools",
    name: "Pools: which guest belongs to which",
    calls: ["GET /cluster/resources"],
    needs: [onPools],
    needed: "required",
    without: "Guests show no pool, so nothing can be grouped by it.",
  },
  {
    id: "node-facts",
    name: "Facts of nodes: hardware, packages, disks, ZFS, thin pools, certificates, subscription, results of backups",
    calls: [
      "GET /nodes/{node}/status",
      "GET /nodes/{node}/apt/versions",
      "GET /nodes/{node}/disks/list",
      "GET /nodes/{node}/disks/smart",
      "GET /nodes/{node}/disks/lvmthin",
      "GET /nodes/{node}/disks/zfs",
      "GET /nodes/{node}/disks/zfs/{name}",
      "GET /nodes/{node}/certificates/info",
      "GET /nodes/{node}/subscription",
      "GET /nodes/{node}/tasks/{upid}/log",
    ],
    needs: [onCluster, onNodes],
    needed: "required",
    without: "Hardware, packages and disks are not known.",
  },
  {
    id: "cluster-facts",
    name: "Facts of the cluster: high availability, Ceph, backup jobs",
    calls: [
      "GET /cluster/ha/status/current",
      "GET /cluster/ha/groups",
      "GET /cluster/ha/rules",
      "GET /cluster/ceph/status",
      "GET /nodes/{node}/ceph/osd",
      "GET /nodes/{node}/ceph/pool",
      "GET /cluster/backup",
      "GET /cluster/backup-info/not-backed-up",
    ],
    needs: [onCluster],
    needed: "required",
    without: "High availability, Ceph and backup jobs are not known.",
  },
  {
    id: "guest-facts",
    name: "Facts of guests: configuration, pressure, replication",
    calls: [
      "GET /nodes/{node}/qemu/{vmid}/config",
      "GET /nodes/{node}/lxc/{vmid}/config",
      "GET /nodes/{node}/replication",
    ],
    needs: [onGuests],
    needed: "required",
    without: "Configurations and replication are not known.",
  },
  {
    id: "storage-facts",
    name: "Facts of storages: what they lie on",
    calls: ["GET /storage", "GET /nodes/{node}/storage/{storage}/identity"],
    needs: [onStorages],
    needed: "required",
    without: "Storages that share one space are counted twice.",
  },
  {
    id: "cluster-log",
    name: "Lines of the cluster log",
    calls: ["GET /cluster/log"],
    needs: [{ privilege: "Sys.Syslog", path: "/" }],
    needed: "optional",
    without: "The cluster log is left out.",
  },
  {
    id: "guest-agent",
    name: "File systems inside guests, where `agent` is on",
    calls: ["GET /nodes/{node}/qemu/{vmid}/agent/get-fsinfo"],
    needs: [onAgents],
    needed: "optional",
    without: "File systems inside guests are not read.",
  },
  {
    id: "guest-memory",
    name: "Memory as Linux guests count it, where `agent` is on",
    calls: ["GET /nodes/{node}/qemu/{vmid}/agent/file-read"],
    needs: [{ privilege: "VM.GuestAgent.FileRead", path: "/vms/{vmid}", since: 9 }],
    needed: "extra",
    without: "Memory of guests includes their caches. The privilege lets read any file inside guests.",
  },
  {
    id: "backup-files",
    name: "Backups that storages hold, per guest",
    calls: ["GET /nodes/{node}/storage/{storage}/content"],
    needs: [
      { privilege: "VM.Backup", path: "/vms/{vmid}" },
      { privilege: "Datastore.AllocateSpace", path: "/storage/{storage}" },
    ],
    needed: "extra",
    without: "Age, size and verification of backups are not known. The privileges also let make backups.",
  },
];

/** The features whose privileges the role has. */
export const inRole: readonly Feature[] = features.filter(({ needed }) => needed !== "extra");

/** The privileges of the role on a major release, each once, in the order of the table. */
export function privilegesOf(major: number): readonly string[] {
  return [...new Set(inRole.flatMap(({ needs }) => needsIn(needs, major)).map(({ privilege }) => privilege))];
}

export const needsIn = (needs: readonly Need[], major: number): readonly Need[] =>
  needs.filter(({ since = 0 }) => since <= major);

/** Where a privilege is needed: "VM.Audit on /vms". Without a place for one that no feature names. */
export function placed(privilege: string): string {
  const needs = features.flatMap((feature) => feature.needs).filter((need) => need.privilege === privilege);
  const roots = [...new Set(needs.map(({ path }) => rootOf(path)))];
  return roots.length === 0 ? privilege : `${privilege} on ${roots.join(" and ")}`;
}

/** The part of a path before the first name in braces: rights there go on to everything below. */
export const rootOf = (path: string): string => path.replace(/\/\{.*$/, "") || "/";
