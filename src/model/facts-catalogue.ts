// The catalogue of slow facts: every kind with its fields. Typed readers, the stored form, lists, CSV, reference pages and
// the page's tables are made from it. One more kind is one entry here, one reader that tells it and one test.

export type FactFieldType =
  | "text"
  | "words"
  | "flag"
  | "count"
  | "ratio"
  | "percent"
  | "celsius"
  | "bytes"
  | "seconds"
  /** Milliseconds since the epoch; ISO 8601 in the API. */
  | "time";

export interface FactField {
  readonly type: FactFieldType;
  /** The column's heading, in Proxmox's words. */
  readonly title: string;
  /** True for what moves by itself: a change of it is no news and does not go into the history. */
  readonly moving?: true;
}

export interface FactKindEntry {
  /** The last part of the list's address. */
  readonly list: string;
  readonly title: string;
  readonly summary: string;
  readonly fields: Readonly<Record<string, FactField>>;
}

const text = (title: string) => ({ type: "text", title }) as const;
const words = (title: string) => ({ type: "words", title }) as const;
const flag = (title: string) => ({ type: "flag", title }) as const;
const count = (title: string) => ({ type: "count", title }) as const;
const bytes = (title: string) => ({ type: "bytes", title }) as const;
const time = (title: string) => ({ type: "time", title }) as const;
const moving = <Field extends FactField>(field: Field) => ({ ...field, moving: true }) as const;
const percent = (title: string) => ({ type: "percent", title }) as const;

export const factCatalogue = {
  hardware: {
    list: "hardware",
    title: "Hardware",
    summary: "Processors, memory, kernel and boot mode of the nodes",
    fields: {
      cpu_model: text("CPU model"),
      cpu_sockets: count("Sockets"),
      cpu_cores: count("Cores"),
      cpu_threads: count("Threads"),
      memory_bytes: bytes("Memory"),
      pve_version: text("PVE Manager Version"),
      kernel: text("Kernel Version"),
      boot_mode: text("Boot Mode"),
      ksm_shared_bytes: moving(bytes("KSM sharing")),
    },
  },
  package: {
    list: "packages",
    title: "Package versions",
    summary: "Proxmox packages installed on the nodes",
    fields: {
      package: text("Package"),
      version: text("Version"),
      state: text("State"),
      running: text("Running"),
    },
  },
  certificate: {
    list: "certificates",
    title: "Certificates",
    summary: "Certificates of the nodes and when they expire",
    fields: {
      file: text("File"),
      issued_to: text("Subject"),
      issuer: text("Issuer"),
      expires_at: time("Valid Until"),
      fingerprint: text("Fingerprint (SHA-256)"),
    },
  },
  subscription: {
    list: "subscriptions",
    title: "Subscription",
    summary: "Subscription of each node; never its key",
    fields: {
      status: text("Status"),
      product: text("Type"),
      level: text("Level"),
      sockets: count("Sockets"),
      next_due: text("Next due date"),
      message: text("Message"),
      checked_at: moving(time("Last checked")),
    },
  },
  disk: {
    list: "disks",
    title: "Disks",
    summary: "Physical disks of the nodes with wear and SMART verdict",
    fields: {
      device: text("Device"),
      model: text("Model"),
      serial: text("Serial"),
      type: text("Type"),
      size_bytes: bytes("Size"),
      usage: text("Usage"),
      smart: text("S.M.A.R.T."),
      wear_percent: moving(percent("Wearout")),
      temperature_celsius: moving({ type: "celsius", title: "Temperature" }),
      power_on_seconds: moving({ type: "seconds", title: "Power on" }),
      reallocated_sectors: count("Reallocated"),
      pending_sectors: count("Pending"),
      media_errors: count("Media errors"),
      reported_uncorrectable: count("Reported uncorrectable"),
      command_timeouts: count("Command timeouts"),
      offline_uncorrectable: count("Offline uncorrectable"),
      spare_percent: percent("Available spare"),
      spare_threshold_percent: percent("Spare threshold"),
      critical_warning: count("Critical warning"),
      failing_attributes: words("Failing attributes"),
    },
  },
  zfs_pool: {
    list: "zfs-pools",
    title: "ZFS",
    summary: "ZFS pools of the nodes",
    fields: {
      pool: text("Name"),
      health: text("Health"),
      size_bytes: bytes("Size"),
      allocated_bytes: moving(bytes("Allocated")),
      free_bytes: moving(bytes("Free")),
      fragmentation_percent: moving(percent("Fragmentation")),
      scan: moving(text("Scan")),
      errors: text("Errors"),
      status: text("Status"),
      failing_devices: words("Failing devices"),
    },
  },
  thin_pool: {
    list: "thin-pools",
    title: "LVM-Thin",
    summary: "LVM thin pools of the nodes, data and metadata",
    fields: {
      pool: text("Name"),
      volume_group: text("Volume Group"),
      size_bytes: bytes("Size"),
      used_bytes: moving(bytes("Used")),
      metadata_size_bytes: bytes("Metadata Size"),
      metadata_used_bytes: moving(bytes("Metadata Used")),
    },
  },
  ceph: {
    list: "ceph",
    title: "Ceph",
    summary: "Health and capacity of Ceph",
    fields: {
      health: text("Health"),
      checks: words("Checks"),
      monitors: count("Monitors"),
      osds: count("OSDs"),
      osds_up: count("Up"),
      osds_in: count("In"),
      raw_bytes: bytes("Raw"),
      raw_used_bytes: moving(bytes("Raw used")),
      raw_available_bytes: moving(bytes("Raw available")),
      stored_bytes: moving(bytes("Stored")),
    },
  },
  ceph_pool: {
    list: "ceph-pools",
    title: "Ceph pools",
    summary: "Ceph pools with replicas and use",
    fields: {
      pool: text("Name"),
      type: text("Type"),
      replicas: count("Size"),
      min_replicas: count("Min. Size"),
      placement_groups: count("# of PGs"),
      crush_rule: text("CRUSH Rule"),
      used_bytes: moving(bytes("Used")),
      used_percent: moving(percent("Used (%)")),
    },
  },
  ceph_osd: {
    list: "ceph-osds",
    title: "Ceph OSDs",
    summary: "Ceph OSDs, where they are and whether they are up and in",
    fields: {
      osd: text("Name"),
      host: text("Host"),
      device_class: text("Class"),
      status: text("Status"),
      in: flag("In"),
      total_bytes: bytes("Total"),
      used_percent: moving(percent("Used (%)")),
    },
  },
  backup: {
    list: "backups",
    title: "Backups",
    summary: "Backups of each guest by storage: newest, oldest, number, size and verification",
    fields: {
      storage: text("Storage"),
      newest_at: moving(time("Newest")),
      oldest_at: moving(time("Oldest")),
      backups: moving(count("Backups")),
      newest_bytes: moving(bytes("Size of newest")),
      total_bytes: moving(bytes("Size of all")),
      verification: text("Verify State"),
      unverified: moving(count("Not verified")),
      protected: moving(count("Protected")),
      encrypted: flag("Encrypted"),
    },
  },
  backup_result: {
    list: "backup-results",
    title: "Last backup",
    summary: "How the last backup of each guest ended",
    fields: {
      state: text("Status"),
      ended_at: moving(time("End Time")),
      duration_seconds: moving({ type: "seconds", title: "Duration" }),
      message: text("Message"),
      upid: moving(text("Task")),
    },
  },
  backup_job: {
    list: "backup-jobs",
    title: "Backup jobs",
    summary: "Backup jobs of the datacenter",
    fields: {
      job: text("Job"),
      enabled: flag("Enabled"),
      schedule: text("Schedule"),
      selection: text("Selection"),
      storage: text("Storage"),
      mode: text("Mode"),
      keep: text("Retention"),
      next_run_at: moving(time("Next Run")),
      comment: text("Comment"),
    },
  },
  not_backed_up: {
    list: "not-backed-up",
    title: "Guests without backup job",
    summary: "Guests that no backup job includes",
    fields: { vmid: count("VMID"), guest: text("Name") },
  },
  replication: {
    list: "replications",
    title: "Replication",
    summary: "Storage replication jobs and how they go",
    fields: {
      job: text("Job"),
      source: text("Source"),
      target: text("Target"),
      schedule: text("Schedule"),
      enabled: flag("Enabled"),
      last_sync_at: moving(time("Last Sync")),
      next_sync_at: moving(time("Next Sync")),
      duration_seconds: moving({ type: "seconds", title: "Duration" }),
      failures: moving(count("Failures in a row")),
      error: text("Error"),
    },
  },
  ha_service: {
    list: "ha-services",
    title: "HA",
    summary: "Guests under high availability and their state",
    fields: {
      service: text("ID"),
      state: text("State"),
      requested: text("Request State"),
      node: text("Node"),
      max_restart: count("Max. Restart"),
      max_relocate: count("Max. Relocate"),
      failback: flag("Failback"),
    },
  },
  ha_node: {
    list: "ha-nodes",
    title: "HA resource manager",
    summary: "State of the local resource manager of each node",
    fields: { state: text("LRM"), master: flag("Master") },
  },
  ha_rule: {
    list: "ha-rules",
    title: "HA rules",
    summary: "HA affinity rules (PVE 9) and groups (PVE 8)",
    fields: {
      rule: text("Rule"),
      type: text("Type"),
      enabled: flag("Enabled"),
      resources: words("Resources"),
      nodes: words("Nodes"),
      affinity: text("Affinity"),
      strict: flag("Strict"),
      comment: text("Comment"),
    },
  },
  guest_config: {
    list: "guest-configs",
    title: "Configuration",
    summary: "Configuration of each guest with its digest; never passwords or keys",
    fields: {
      digest: text("Digest"),
      cores: { type: "count", title: "Cores" },
      memory_bytes: bytes("Memory"),
      balloon_bytes: bytes("Minimum memory"),
      disk_bytes: bytes("Disks, all"),
      disks: words("Disks"),
      networks: words("Network Devices"),
      os_type: text("OS Type"),
      start_at_boot: flag("Start at boot"),
      agent: flag("QEMU Guest Agent"),
      protection: flag("Protection"),
      snapshot: text("Last snapshot"),
      settings: words("Other settings"),
    },
  },
  guest_file_system: {
    list: "guest-file-systems",
    title: "File systems in the guest",
    summary: "File systems as the guest agent tells them (only where the agent is enabled for the cluster)",
    fields: {
      mount_point: text("Mount point"),
      type: text("Type"),
      total_bytes: bytes("Size"),
      used_bytes: moving(bytes("Used")),
      devices: words("Disks"),
    },
  },
  storage_backing: {
    list: "storage-backings",
    title: "Backing",
    summary: "What a storage lies on; storages with the same backing share its space",
    fields: {
      backing: text("Backing"),
      type: text("Type"),
      identity: text("Identity"),
      shared_with: words("Shares it with"),
    },
  },
} as const satisfies Readonly<Record<string, FactKindEntry>>;

type Catalogue = typeof factCatalogue;
export type FactKind = keyof Catalogue;
export const factKinds = Object.keys(factCatalogue) as readonly FactKind[];

interface ValueOf {
  readonly text: string;
  readonly words: readonly string[];
  readonly flag: boolean;
  readonly count: number;
  readonly ratio: number;
  readonly percent: number;
  readonly celsius: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly time: number;
}

type TypeOf<Field> = Field extends { readonly type: infer Type extends FactFieldType } ? Type : never;

/** The fields of one kind; what PVE does not tell is null, never 0 or empty. */
export type FactBody<Kind extends FactKind> = {
  readonly [Name in keyof Catalogue[Kind]["fields"]]: ValueOf[TypeOf<Catalogue[Kind]["fields"][Name]>] | null;
};

export const factEntry = (kind: FactKind): FactKindEntry => factCatalogue[kind];
