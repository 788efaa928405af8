// One question to PVE's own history: of what, in which steps, and which stretch of the answer is wanted.
import type { EntityId } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import type { RrdQuery } from "../pve/index.ts";

/** One thing that PVE keeps a history of. */
export interface RrdSubject {
  readonly id: EntityId;
  readonly kind: "node" | "guest" | "storage";
  readonly where: Pick<RrdQuery, "node" | "guest" | "storage">;
  /** When the guest began to exist, in ms: what PVE has from before was another's under the same vmid. Otherwise 0. */
  readonly bornAt: number;
}

export interface RrdStep {
  readonly subject: RrdSubject;
  readonly timeframe: RrdQuery["timeframe"];
  /** Usual width of a point; see addRrdRows. */
  readonly stepS: number;
  /** In points of 60 s an average and a maximum are the same number; MAX is asked from 5 minutes on. */
  readonly withMax: boolean;
}

/** Points are kept that end after `fromMs` and not after `toMs`. */
export interface RrdWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export const hasOwnMaximum = (stepS: number): boolean => stepS >= 300;

/** How many requests a step takes. */
export const requestsOf = ({ withMax }: RrdStep): number => (withMax ? 2 : 1);

export const subjectOrder = { node: 0, storage: 1, guest: 2 } as const;

/** undefined for what is gone, and for what PVE keeps no history of. */
export function rrdSubject(
  entity: Entity,
  ownerOf: (storage: string) => string | undefined,
  bornAt: (guest: EntityId) => number = () => 0,
): RrdSubject | undefined {
  const { id } = entity;
  if (entity.goneAt !== null) return undefined;
  if (entity.kind === "node") return { id, kind: "node", where: { node: entity.name }, bornAt: 0 };
  if (entity.kind === "guest") {
    const where = { node: entity.node, guest: { type: entity.type, vmid: entity.vmid } };
    return { id, kind: "guest", where, bornAt: bornAt(id) };
  }
  if (entity.kind !== "storage") return undefined;
  const node = entity.node ?? ownerOf(entity.storage) ?? entity.nodes[0];
  return node === undefined ? undefined : { id, kind: "storage", where: { node, storage: entity.storage }, bornAt: 0 };
}

/** Takes turns between the nodes, so that no node has to answer many in a row. Keeps the order within a node. */
export function spreadOverNodes<T extends { readonly subject: RrdSubject }>(steps: readonly T[]): T[] {
  const taken = new Map<string, number>();
  const turns = steps.map((step) => {
    const turn = taken.get(step.subject.where.node) ?? 0;
    taken.set(step.subject.where.node, turn + 1);
    return { step, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ step }) => step);
}
