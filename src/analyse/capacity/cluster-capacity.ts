// The whole answer for one cluster: every line, what remains in guests, and what each node's loss does.
import type { CapacityDocument, CapacityOutlook, NeedCounts, ScopeCapacity } from "../../model/capacity.ts";
import { clusterEntityId, nodeEntityId } from "../../model/ids.ts";
import type { BackingSupply } from "../supply/index.ts";
import { capacitySentence } from "./capacity-words.ts";
import { type ClusterModel, nothing } from "./cluster-model.ts";
import { clusterLines, nodeLines } from "./compute-lines.ts";
import { dayEffects, type Plan } from "./day-effects.ts";
import { failuresOf } from "./failure.ts";
import { freeOf, type IndexedModel, indexModel } from "./free-room.ts";
import { averageGuest, guestsRemaining, guestsRemainingByNode } from "./guests-remaining.ts";
import { allStorageLine, storageLine } from "./storage-lines.ts";

export interface CapacityInput {
  readonly model: ClusterModel;
  readonly storages: readonly BackingSupply[];
  readonly outlook: CapacityOutlook | null;
  readonly nowMs: number;
}

export function capacityDocument(
  input: CapacityInput,
  plan: Plan,
  scenarios: Pick<CapacityDocument, "committed" | "notApplicable">,
): CapacityDocument {
  const { model } = input;
  const indexed = indexModel(model);
  const parts = {
    cluster: clusterCapacity(input, plan, indexed),
    nodes: nodeCapacities(input, indexed),
    storages: storageCapacities(input, plan),
    failures: failuresOf(indexed),
    averageGuest: averageGuest(model),
    needs: countNeeds(model),
    ...scenarios,
  };
  return { sentence: capacitySentence(model, parts), ...parts };
}

/** `indexed`: the model in which the guests have their places, scenario and all; `input.model` is the one before it. */
export function clusterCapacity(input: CapacityInput, plan: Plan, indexed: IndexedModel): ScopeCapacity {
  const { model, outlook, storages, nowMs } = input;
  const effects = dayEffects(model, plan, nowMs);
  const storage = allStorageLine(storages, outlook, effects);
  const lines = [...clusterLines(model, outlook, effects), ...(storage === null ? [] : [storage])];
  const size = averageGuest(model);
  return {
    kind: "cluster",
    id: clusterEntityId(model.cluster),
    part: "",
    name: model.cluster,
    lines,
    guestsRemaining: size === null ? null : guestsRemainingByNode(lines, size, indexed),
  };
}

function nodeCapacities({ model, outlook }: CapacityInput, { load }: IndexedModel): readonly ScopeCapacity[] {
  const size = averageGuest(model);
  return model.nodes.map((node, number) => {
    const need = load.p95[number] ?? nothing;
    const lines = nodeLines(node, need, outlook);
    const free = freeOf(node, need);
    // By what its guests need, as placements count, and not by what the node as a whole was seen to use.
    const byGuests = lines.map((line) => ({
      ...line,
      remaining: line.resource === "cpu" ? free.cpuCores : free.memoryBytes,
    }));
    return {
      kind: "node" as const,
      id: nodeEntityId(model.cluster, node.name),
      part: "",
      name: node.name,
      lines,
      guestsRemaining: size === null || !node.open ? null : guestsRemaining(byGuests, size),
    };
  });
}

/** Each backing once; of nodes that a scenario takes away, none. */
export function storageCapacities(input: CapacityInput, plan: Plan): readonly ScopeCapacity[] {
  const { model, storages, outlook, nowMs } = input;
  const effects = dayEffects(model, plan, nowMs);
  const diskBytes = averageGuest(model)?.diskBytes ?? null;
  return storages.flatMap((backing) => {
    const [id] = backing.storages;
    if (id === undefined || (backing.node !== null && effects.today.gone.includes(backing.node))) return [];
    const lines = [storageLine(backing, outlook, effects)];
    const holdsGuests = backing.role === "guests" && diskBytes !== null;
    const size = { cpuCores: 0, memoryBytes: 0, diskBytes };
    return [
      {
        kind: "storage" as const,
        id,
        part: partOf(backing),
        name: nameOf(backing),
        lines,
        guestsRemaining: holdsGuests ? guestsRemaining(lines, size) : null,
      },
    ];
  });
}

/** `ssd` of `ceph:own ssd`. */
const partOf = ({ backing, kind }: BackingSupply): string =>
  kind === "ceph" ? (/^ceph:own (.+)$/.exec(backing)?.[1] ?? "") : "";

/** `pve1 local-zfs`, `nfs`, `rbd (ssd)`: as people call it, not what it lies on. */
function nameOf(backing: BackingSupply): string {
  const { storages, node } = backing;
  const names = storages.map((id) => id.slice(id.lastIndexOf("/") + 1).replace(/^[^:@]*[:@]/, ""));
  const distinct = [...new Set(names)].join(", ");
  const part = partOf(backing);
  if (node !== null) return `${node} ${distinct}`;
  return part === "" ? distinct : `${distinct} (${part})`;
}

function countNeeds({ guests }: ClusterModel): NeedCounts {
  const counts = { measured: 0, latest: 0, allocated: 0 };
  for (const { need } of guests) counts[need.basis]++;
  return counts;
}
