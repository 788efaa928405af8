// Whose series are watched: everything of the inventory that is measured, and the endpoints that we ask.
import { type ClusterId, type EntityId, type EntityKind, targetEntityId } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";
import { type WatchedMetric, watchedMetrics } from "./watched-metrics.ts";

/** What a series is about, as sentences name it. */
export interface Subject {
  readonly id: EntityId;
  readonly cluster: ClusterId;
  readonly kind: EntityKind;
  readonly name: string;
  /** The node that it is on; null for a node, and for what several nodes share. */
  readonly node: string | null;
  /** Whether values are to be expected of it now. */
  readonly isOn: boolean;
}

export type Subjects = ReadonlyMap<EntityId, Subject>;

export function subjectsOf(fleet: AnalysisContext["fleet"]): Subjects {
  const subjects = new Map<EntityId, Subject>();
  for (const { entity } of fleet.list("node")) {
    const { id, cluster, kind, name, status } = entity as Extract<typeof entity, { kind: "node" }>;
    subjects.set(id, { id, cluster, kind, name, node: null, isOn: status === "online" });
    const target = targetEntityId(cluster, name);
    subjects.set(target, { id: target, cluster, kind: "target", name, node: name, isOn: true });
  }
  for (const { entity } of fleet.list("guest")) {
    if (entity.kind !== "guest" || entity.template) continue;
    const { id, cluster, kind, name, node, status } = entity;
    subjects.set(id, { id, cluster, kind, name, node, isOn: status === "running" });
  }
  for (const { entity } of fleet.list("storage")) {
    if (entity.kind !== "storage") continue;
    const { id, cluster, kind, name, node, status } = entity;
    subjects.set(id, { id, cluster, kind, name, node, isOn: status === "available" });
  }
  return subjects;
}

/** The ids that each metric is watched of. */
export function wantedOf(subjects: Subjects): ReadonlyMap<WatchedMetric, readonly EntityId[]> {
  const byKind = new Map<EntityKind, EntityId[]>();
  for (const { id, kind } of subjects.values()) {
    const ids = byKind.get(kind);
    if (ids === undefined) byKind.set(kind, [id]);
    else ids.push(id);
  }
  return new Map(watchedMetrics.map((metric) => [metric, byKind.get(metric.kind) ?? []]));
}
