// The fleet as one principal may see it. Every route and topic reads through this view, so that what is outside the
// scope is, for whoever asks, the same as what does not exist.
import { everything, inScope, type Scope, type Scoped } from "../model/access.ts";
import type { HeldFinding } from "../model/finding.ts";
import type { Analysed, FleetView, LiveEntity } from "../model/fleet.ts";
import {
  clusterEntityId,
  type EntityId,
  type EntityKind,
  nodeEntityId,
  parseEntityId,
  partKinds,
} from "../model/ids.ts";
import type { Entity, Task } from "../model/inventory.ts";
import type { JobStatus } from "../model/job.ts";
import type { Problem } from "../model/problem.ts";

export interface ScopedFleet {
  /** The id as written: a guest without generation is the one that has the vmid now. */
  find(id: string): LiveEntity | undefined;
  /** Like `find`, and also for what is measured but not in the fleet: targets, disks, pools. */
  findId(id: string): { readonly id: EntityId; readonly kind: EntityKind } | undefined;
  list(kind: EntityKind, options?: { readonly gone?: boolean }): readonly LiveEntity[];
  tasks(): readonly Task[];
  problems(): readonly Problem[];
  jobs(): readonly JobStatus[];
  findings(): readonly HeldFinding[];
  analyses(): readonly Analysed[];
  /** Whether the scope includes what belongs to this cluster, pool and tags. */
  sees(what: Scoped): boolean;
  /** Whether what is said of a subject may be seen: an entity, a part of a cluster, or Pilothouse itself. */
  seesSubject(subject: string): boolean;
}

export function seesEntity(scope: Scope, entity: Entity): boolean {
  return inScope(scope, entity.kind === "guest" ? entity : { cluster: entity.cluster });
}

export const seesEverything = (scope: Scope): boolean =>
  scope.clusters === null && scope.pools === null && scope.tags === null;

/** True when every thing that `inner` shows is shown by `outer` too. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  const narrower = (key: keyof Scope): boolean => {
    const [wanted, granted] = [inner[key], outer[key]];
    return granted === null || (wanted?.every((name) => granted.includes(name)) ?? false);
  };
  return narrower("clusters") && narrower("pools") && narrower("tags");
}

export function scopedFleet(fleet: FleetView, scope: Scope = everything): ScopedFleet {
  const seesCluster = (cluster: string): boolean => inScope(scope, { cluster });

  const find = (id: string): LiveEntity | undefined => {
    const live = fleet.get(id) ?? currentGeneration(fleet, id);
    return live !== undefined && seesEntity(scope, live.entity) ? live : undefined;
  };
  /** A target, disk or pool is seen by whoever sees its cluster, when the node or cluster that it belongs to is known. */
  const partKind = (id: string): EntityKind | undefined => {
    const ref = parseEntityId(id);
    if (ref === undefined || !partKinds.includes(ref.kind) || !seesCluster(ref.cluster)) return undefined;
    if (ref.kind === "scope") return fleet.get(clusterEntityId(ref.cluster)) === undefined ? undefined : ref.kind;
    const [node = ""] = ref.key.split(":");
    const owner = node.startsWith("@") ? clusterEntityId(ref.cluster) : nodeEntityId(ref.cluster, node);
    return fleet.get(owner) === undefined ? undefined : ref.kind;
  };
  const seesSubject = (subject: string): boolean => {
    if (seesEverything(scope)) return true;
    const live = fleet.get(subject);
    if (live !== undefined) return seesEntity(scope, live.entity);
    const ref = parseEntityId(subject);
    return ref !== undefined && seesCluster(ref.cluster);
  };
  // A job that belongs to a cluster has it as the last part of its id.
  const seesJob = (job: JobStatus): boolean =>
    seesEverything(scope) || (job.id.includes("/") && seesCluster(job.id.slice(job.id.lastIndexOf("/") + 1)));

  return {
    find,
    sees: (what) => inScope(scope, what),
    findId(id) {
      const live = find(id);
      if (live !== undefined) return { id: live.entity.id, kind: live.entity.kind };
      const kind = partKind(id);
      return kind === undefined ? undefined : { id, kind };
    },
    list: (kind, options) => fleet.list(kind, options).filter((live) => seesEntity(scope, live.entity)),
    tasks: () =>
      fleet
        .tasks()
        .filter((task) => seesCluster(task.cluster) || (task.guestId !== null && find(task.guestId) !== undefined)),
    problems: () => fleet.problems().filter((problem) => seesSubject(problem.subject)),
    jobs: () => fleet.jobs().filter(seesJob),
    findings: () => fleet.findings().filter((finding) => seesSubject(finding.subject)),
    analyses: () =>
      fleet.analyses().filter(({ cluster }) => (cluster === null ? seesEverything(scope) : seesCluster(cluster))),
    seesSubject,
  };
}

/** The guest that has the vmid now, or the last one that had it. */
function currentGeneration(fleet: FleetView, id: string): LiveEntity | undefined {
  const [, cluster, vmid] = /^([a-z][a-z0-9-]{0,30})\/guest\/(\d{1,9})$/.exec(id) ?? [];
  if (cluster === undefined) return undefined;
  let newest: LiveEntity | undefined;
  let newestGeneration = 0;
  for (const live of fleet.list("guest", { gone: true })) {
    const { entity } = live;
    if (entity.kind !== "guest" || entity.cluster !== cluster || entity.vmid !== Number(vmid)) continue;
    if (entity.generation > newestGeneration) [newest, newestGeneration] = [live, entity.generation];
  }
  return newest;
}
