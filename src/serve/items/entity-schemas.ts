// The items of clusters, nodes, guests and storages as the API and the stream show them.
import { z } from "zod";

const time = z.string().nullable().describe("ISO 8601, UTC");

const base = {
  id: z.string().describe("The entity's id, for instance demo/guest/100~1"),
  cluster: z.string(),
  name: z.string(),
  first_seen_at: time,
  last_seen_at: time,
  gone_at: time.describe("When it was deleted; null while it exists"),
  web_url: z.string().nullable().describe("Its place in PVE's own page"),
  values: z.record(z.string(), z.number()).describe("The newest value of each metric; absent ones are missing"),
  values_at: time.describe("When the values were measured"),
  period_seconds: z.number().describe("Seconds between samples"),
};

export const ClusterItem = z
  .object({
    kind: z.literal("cluster"),
    ...base,
    release: z.string().nullable(),
    quorate: z.boolean().nullable().describe("null for a standalone host"),
    simulated: z.boolean(),
    notes: z.array(z.string()).describe("What its release of Proxmox VE cannot give"),
  })
  .meta({ id: "Cluster" });
export type ClusterItem = z.infer<typeof ClusterItem>;

export const NodeItem = z
  .object({
    kind: z.literal("node"),
    ...base,
    status: z.enum(["online", "offline", "unknown"]),
    ha_state: z.string().nullable(),
    address: z.string().nullable(),
    version: z.string().nullable(),
  })
  .meta({ id: "Node" });
export type NodeItem = z.infer<typeof NodeItem>;

export const GuestItem = z
  .object({
    kind: z.literal("guest"),
    ...base,
    vmid: z.number(),
    generation: z.number().describe("Grows when the vmid is given to another guest"),
    type: z.enum(["qemu", "lxc"]),
    node: z.string(),
    status: z.string(),
    template: z.boolean(),
    lock: z.string().nullable(),
    tags: z.array(z.string()),
    pool: z.string().nullable(),
    ha_state: z.string().nullable(),
    created_at: time.describe("By its configuration; null for containers, and while it was not read"),
  })
  .meta({ id: "Guest" });
export type GuestItem = z.infer<typeof GuestItem>;

export const StorageItem = z
  .object({
    kind: z.literal("storage"),
    ...base,
    storage: z.string(),
    node: z.string().nullable().describe("null for a shared storage"),
    nodes: z.array(z.string()),
    shared: z.boolean(),
    status: z.string(),
    plugin_type: z.string().nullable(),
    content: z.array(z.string()),
  })
  .meta({ id: "Storage" });
export type StorageItem = z.infer<typeof StorageItem>;

export const EntityItem = z.discriminatedUnion("kind", [ClusterItem, NodeItem, GuestItem, StorageItem]);
export type EntityItem = z.infer<typeof EntityItem>;
