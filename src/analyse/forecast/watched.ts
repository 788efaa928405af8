// Which series are forecast every night: what people run out of, and what tells how busy things are.

import type { FleetView } from "../../model/fleet.ts";
import { clusterTotals } from "../../model/forecasts.ts";
import type { ClusterId, EntityId, EntityKind } from "../../model/ids.ts";
import type { Entity } from "../../model/inventory.ts";
import { findMetric, type MetricId } from "../../model/metrics.ts";
import type { Measured } from "./measure.ts";

export interface WatchedEntity {
  readonly id: EntityId;
  readonly kind: EntityKind;
  readonly fields: readonly MetricId[];
}

const traffic = ["net_in_bytes_per_second", "net_out_bytes_per_second"] as const;
const ofGuest = ["cpu_ratio", "mem_used_bytes", ...traffic] as const;
const totals: readonly MetricId[] = clusterTotals.map(({ field }) => field);

/** Every field that some thing of a kind has here. */
export const watchedFields: Readonly<Record<"cluster" | "node" | "guest" | "storage" | "pool", readonly MetricId[]>> = {
  cluster: [...totals, "ceph_stored_bytes"],
  node: ["cpu_ratio", "mem_used_bytes", "root_used_bytes", ...traffic],
  guest: [...ofGuest, "disk_used_bytes"],
  storage: ["used_bytes"],
  pool: ["used_bytes"],
};

export const watchedIn = (
  fleet: Pick<FleetView, "list">,
  cluster: ClusterId,
  kind: EntityKind,
): readonly WatchedEntity[] =>
  fleet.list(kind).flatMap(({ entity }) => (entity.cluster === cluster ? (watchedEntity(entity) ?? []) : []));

/** Templates never run; of VMs Proxmox VE does not know how full their disks are. */
function watchedEntity(entity: Entity): WatchedEntity | undefined {
  const { id, kind } = entity;
  switch (kind) {
    case "cluster":
    case "node":
    case "storage":
      return { id, kind, fields: watchedFields[kind] };
    case "guest":
      if (entity.template) return undefined;
      return { id, kind, fields: entity.type === "lxc" ? watchedFields.guest : ofGuest };
  }
}

/** Pools are measured and in no inventory. */
export const watchedPool = (id: EntityId): WatchedEntity => ({ id, kind: "pool", fields: watchedFields.pool });

/** A field's unit and bounds; also of sums over a cluster, which no catalogue has. Undefined for what there is not. */
export function measuredOf(kind: EntityKind, field: MetricId): Measured | undefined {
  const total = isTotal(kind, field) ? clusterTotals.find((each) => each.field === field) : undefined;
  if (total === undefined) return findMetric(kind, field);
  return { id: field, kind, unit: total.unit, type: "gauge", min: 0, max: Number.MAX_VALUE };
}

export const isTotal = (kind: EntityKind, field: MetricId): boolean => kind === "cluster" && totals.includes(field);
