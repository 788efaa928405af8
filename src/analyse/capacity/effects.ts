// What changes do to sums, day by day: which nodes there are, what is needed besides the forecast, how much it grows.
// Pure arithmetic; who fits where is another question (apply-changes.ts).

import { InputError } from "../../lib/errors.ts";
import { type ChangeOf, type ScenarioChange, startOf } from "../../model/scenario.ts";
import { capacityCores } from "../supply/index.ts";
import type { Amount, ClusterModel, GuestNeed, ModelNode } from "./cluster-model.ts";

export interface Effects {
  readonly nodes: readonly ModelNode[];
  /** Needed by added guests less removed ones, at the 95th percentile. */
  readonly need: Amount;
  readonly diskBytes: number;
  /** By storage name; what has no name is in `diskBytes` alone. */
  readonly diskOn: Readonly<Record<string, number>>;
  /** Storage for guests that new nodes bring. */
  readonly storageBytes: number;
  /** Names of nodes that are gone, with their local storages. */
  readonly gone: readonly string[];
  readonly growth: number;
}

export const noEffects = (model: ClusterModel): Effects => ({
  nodes: model.nodes,
  need: { cpuCores: 0, memoryBytes: 0 },
  diskBytes: 0,
  diskOn: {},
  storageBytes: 0,
  gone: [],
  growth: 1,
});

export const isDone = (change: ScenarioChange, atMs: number): boolean =>
  change.change === "lose_node" || startOf(change) <= atMs;

/** Throws an InputError for a node or guest that the cluster does not have. */
export function withChange(model: ClusterModel, effects: Effects, change: ScenarioChange): Effects {
  switch (change.change) {
    case "add_nodes": {
      const added = newNodes(effects.nodes, change);
      const storageBytes = effects.storageBytes + change.count * change.storage_bytes;
      return { ...effects, nodes: [...effects.nodes, ...added], storageBytes };
    }
    case "remove_node":
      return { ...effects, ...withoutNode(effects, change.node) };
    case "lose_node":
      return { ...effects, ...withNodeAway(effects, change.node) };
    case "add_guests":
      return withGuests(effects, sizeOf(model, change), change);
    case "remove_guests":
      return withoutGuests(model, effects, change.guests);
    case "grow_demand":
      return { ...effects, growth: effects.growth * (1 + change.percent / 100) };
  }
}

function withoutNode({ nodes, gone }: Effects, name: string): Pick<Effects, "nodes" | "gone"> {
  findNode(nodes, name);
  return { nodes: nodes.filter((node) => node.name !== name), gone: [...gone, name] };
}

/** It goes on counting for the quorum, and for the rule that a lost node uses up the reserve. */
function withNodeAway({ nodes, gone }: Effects, name: string): Pick<Effects, "nodes" | "gone"> {
  findNode(nodes, name);
  return {
    nodes: nodes.map((node) => (node.name === name ? { ...node, online: false, open: false } : node)),
    gone: [...gone, name],
  };
}

export function findNode(nodes: readonly ModelNode[], name: string): ModelNode {
  const node = nodes.find((each) => each.name === name);
  if (node === undefined) throw new InputError(`The cluster has no node ${name}.`);
  return node;
}

export function newNodes(nodes: readonly ModelNode[], change: ChangeOf<"add_nodes">): readonly ModelNode[] {
  const like = change.like === null ? null : findNode(nodes, change.like);
  const cores = change.cpu_cores;
  const total =
    like?.total ??
    (cores === null || change.memory_bytes === null
      ? null
      : {
          cpuCores: capacityCores({ cores, threads: change.cpu_threads ?? cores }),
          memoryBytes: change.memory_bytes,
        });
  if (total === null) {
    throw new InputError("add_nodes needs like (a node whose size is known), or cpu_cores and memory_bytes.");
  }
  const host = like?.host ?? meanHost(nodes);
  const first = nodes.filter(({ name }) => name.startsWith("new-")).length + 1;
  return Array.from({ length: change.count }, (_, number) => ({
    name: `new-${first + number}`,
    online: true,
    open: true,
    total,
    host,
    ksmBytes: 0,
  }));
}

/** A node of a new shape takes for itself what the others take on average. */
function meanHost(nodes: readonly ModelNode[]): Amount {
  const known = nodes.filter(({ total }) => total !== null);
  const mean = (part: keyof Amount): number =>
    known.length === 0 ? 0 : known.reduce((sum, { host }) => sum + host[part], 0) / known.length;
  return { cpuCores: mean("cpuCores"), memoryBytes: mean("memoryBytes") };
}

export interface NewGuest {
  readonly need: GuestNeed;
  readonly diskBytes: number;
}

export function sizeOf({ guests }: ClusterModel, change: ChangeOf<"add_guests">): NewGuest {
  const like = change.like === null ? null : (guests.find(({ id }) => id === change.like) ?? null);
  if (change.like !== null && like === null) {
    throw new InputError(`No guest ${change.like} runs in the cluster; its need is not known.`);
  }
  const cpuCores = change.cpu_cores ?? like?.need.p95.cpuCores;
  const memoryBytes = change.memory_bytes ?? like?.need.p95.memoryBytes;
  if (cpuCores === undefined || memoryBytes === undefined) {
    throw new InputError("add_guests needs like (a running guest), or cpu_cores and memory_bytes.");
  }
  const p95 = { cpuCores, memoryBytes };
  return {
    need: { p95, mean: like?.need.mean ?? p95, basis: "allocated" },
    diskBytes: change.disk_bytes ?? like?.diskBytes ?? 0,
  };
}

function withGuests(effects: Effects, { need, diskBytes }: NewGuest, change: ChangeOf<"add_guests">): Effects {
  const { count, storage } = change;
  const diskOn =
    storage === null
      ? effects.diskOn
      : { ...effects.diskOn, [storage]: (effects.diskOn[storage] ?? 0) + count * diskBytes };
  return {
    ...effects,
    need: {
      cpuCores: effects.need.cpuCores + count * need.p95.cpuCores,
      memoryBytes: effects.need.memoryBytes + count * need.p95.memoryBytes,
    },
    diskBytes: effects.diskBytes + count * diskBytes,
    diskOn,
  };
}

function withoutGuests({ guests }: ClusterModel, effects: Effects, ids: readonly string[]): Effects {
  const removed = ids.map((id) => {
    const guest = guests.find((each) => each.id === id);
    if (guest === undefined) throw new InputError(`No guest ${id} runs in the cluster.`);
    return guest;
  });
  const sum = (amountOf: (guest: (typeof removed)[number]) => number): number =>
    removed.reduce((all, guest) => all + amountOf(guest), 0);
  return {
    ...effects,
    need: {
      cpuCores: effects.need.cpuCores - sum(({ need }) => need.p95.cpuCores),
      memoryBytes: effects.need.memoryBytes - sum(({ need }) => need.p95.memoryBytes),
    },
    diskBytes: effects.diskBytes - sum(({ diskBytes }) => diskBytes ?? 0),
  };
}
