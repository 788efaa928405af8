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
  /** Optional ones are off until somebody turns them on. */
  readonly needed: "required" | "optional";
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
    id: "hardware",
    name: "Hardware, packages, disks with SMART, ZFS and thin pools of the nodes",
    calls: [
      "GET /nodes/{node}/status",
      "GET /nodes/{node}/apt/versions",
      "GET /nodes/{node}/disks/list",
      "GET /nodes/{node}/disks/smart",
      "GET /nodes/{node}/disks/zfs",
      "GET /nodes/{node}/disks/zfs/{name}",
      "GET /nodes/{node}/disks/lvmthin",
    ],
    needs: [onCluster, onNodes],
    needed: "required",
    without: "A failing disk or a degraded pool is not noticed.",
  },
  {
    id: "services",
    name: "Ceph, HA, backup jobs and how backups ended",
    calls: [
      "GET /cluster/ceph/status",
      "GET /nodes/{node}/ceph/pool",
      "GET /nodes/{node}/ceph/osd",
      "GET /cluster/ha/status/current",
      "GET /cluster/ha/groups",
      "GET /cluster/backup",
      "GET /cluster/backup-info/not-backed-up",
    ],
    needs: [onCluster],
    needed: "required",
    without: "Trouble of Ceph and HA, and guests without backup, are not noticed.",
  },
  {
    id: "configs",
    name: "Configurations of guests and their replication",
    calls: [
      "GET /nodes/{node}/qemu/{vmid}/config",
      "GET /nodes/{node}/lxc/{vmid}/config",
      "GET /nodes/{node}/replication",
    ],
    needs: [onGuests],
    needed: "required",
    without: "Changes of guests and failing replication are not noticed.",
  },
  {
    id: "agent",
    name: "File systems inside guests, where agent is on",
    calls: ["GET /nodes/{node}/qemu/{vmid}/agent/get-fsinfo"],
    needs: [onAgents],
    needed: "optional",
    without: "How full the file systems of VMs are is not known.",
  },
];

/** The privileges of all features on a major release, each once, in the order of the table. */
export function privilegesOf(major: number): readonly string[] {
  return [...new Set(features.flatMap(({ needs }) => needsIn(needs, major)).map(({ privilege }) => privilege))];
}

export const needsIn = (needs: readonly Need[], major: number): readonly Need[] =>
  needs.filter(({ since = 0 }) => since <= major);

/** The part of a path before the first name in braces: rights there go on to everything below. */
export const rootOf = (path: string): string => path.replace(/\/\{.*$/, "") || "/";
