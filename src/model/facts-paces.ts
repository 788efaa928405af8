// How often each kind of slow fact is asked for, unless the configuration says otherwise. One more reader is one line here,
// one file in src/collect/facts/readers and one line in its registry.

interface Pace {
  /** Seconds between two readings of one thing. */
  readonly everyS: number;
  readonly summary: string;
}

const minute = 60;
const hour = 60 * minute;

export const factPaces = {
  hardware: { everyS: hour, summary: "Processors, memory, kernel, KSM of the nodes" },
  packages: { everyS: 12 * hour, summary: "Installed Proxmox packages" },
  certificates: { everyS: 6 * hour, summary: "Certificates of the nodes" },
  subscriptions: { everyS: 12 * hour, summary: "Subscription of the nodes" },
  disks: { everyS: 12 * hour, summary: "Disks and SMART (runs smartctl on the node)" },
  zfs: { everyS: hour, summary: "ZFS pools" },
  thin_pools: { everyS: hour, summary: "LVM thin pools" },
  ceph: { everyS: 5 * minute, summary: "Ceph health, pools and OSDs" },
  backup_jobs: { everyS: hour, summary: "Backup jobs, and guests that none includes" },
  backups: { everyS: 6 * hour, summary: "Backups on the storages (needs VM.Backup and Datastore.AllocateSpace)" },
  backup_results: { everyS: 30 * minute, summary: "How backups ended, from the logs of their tasks" },
  replication: { everyS: 15 * minute, summary: "Replication jobs" },
  ha: { everyS: 2 * minute, summary: "State of HA services and nodes" },
  ha_rules: { everyS: hour, summary: "HA rules and groups" },
  tasks: { everyS: hour, summary: "The nodes' own archive of tasks" },
  cluster_log: { everyS: 5 * minute, summary: "The cluster log (needs Sys.Syslog)" },
  guest_configs: { everyS: 24 * hour, summary: "Configurations of guests; sooner after a task or a change" },
  storage_backings: { everyS: 6 * hour, summary: "What storages lie on" },
  node_pressure: { everyS: hour, summary: "Pressure, ARC and available memory of nodes (PVE 9)" },
  guest_pressure: { everyS: hour, summary: "Pressure of guests (PVE 9)" },
  agent: { everyS: 15 * minute, summary: "File systems and memory inside guests, where agent is on" },
} as const satisfies Readonly<Record<string, Pace>>;

export type FactReaderName = keyof typeof factPaces;
export const factReaderNames = Object.keys(factPaces) as readonly FactReaderName[];
/** Seconds by reader. */
export type FactPaces = Readonly<Record<FactReaderName, number>>;

export interface FactSettings {
  readonly requestsPerSecond: number;
  readonly everyS: FactPaces;
}

export const defaultFactSettings: FactSettings = {
  requestsPerSecond: 1,
  everyS: Object.fromEntries(factReaderNames.map((name) => [name, factPaces[name].everyS])) as Record<
    FactReaderName,
    number
  >,
};
