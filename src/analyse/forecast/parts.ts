// Divides a cluster's series into parts that are read, computed and kept together: of one field, of things that are learnt
// in the same night of the week. A thing stays in its part for as long as the fleet's size does not double, so that what
// was learnt of it is found again.
import type { EntityId, EntityKind } from "../../model/ids.ts";
import type { MetricId } from "../../model/metrics.ts";
import type { WatchedEntity } from "./watched.ts";

/** What was learnt is learnt again after so many nights, a seventh of the things each night. */
export const nights = 7;
/** As many as one question to the store may name; documents stay below a megabyte with it. */
const mostInPart = 200;

export interface Part {
  /** `guest/3/0/cpu_ratio`: the kind, the night in which its weights are learnt, a number, and the field. */
  readonly key: string;
  readonly kind: EntityKind;
  readonly night: number;
  readonly field: MetricId;
  readonly ids: readonly EntityId[];
}

/** All parts that things of this kind have, empty ones too: what a part had before must not stay behind. */
export function partsOf(
  kind: EntityKind,
  fields: readonly MetricId[],
  entities: readonly WatchedEntity[],
): readonly Part[] {
  const parts = new Map<string, EntityId[]>();
  const perNight = partsPerNight(entities.length);
  for (let night = 0; night < nights; night++)
    for (let number = 0; number < perNight; number++)
      for (const field of fields) parts.set(keyOf(kind, night, number, field), []);
  for (const { id, fields: has } of entities)
    for (const field of has) parts.get(partKey({ id, kind, field }, entities.length))?.push(id);
  return [...parts].map(([key, ids]) => {
    const [, night = "", , field = ""] = key.split("/");
    return { key, kind, night: Number(night), field, ids };
  });
}

interface PartOf {
  readonly id: EntityId;
  readonly kind: EntityKind;
  readonly field: MetricId;
}

/** The part of a series in a fleet with so many things of its kind. */
export function partKey({ id, kind, field }: PartOf, ofKind: number): string {
  const hash = hashOf(id);
  return keyOf(kind, hash % nights, Math.floor(hash / nights) % partsPerNight(ofKind), field);
}

/** Whole nights since 1970, by which the seventh of the things is chosen. */
export const nightOf = (nowMs: number): number => Math.floor(nowMs / 86_400_000) % nights;

const keyOf = (kind: EntityKind, night: number, number: number, field: MetricId): string =>
  `${kind}/${night}/${number}/${field}`;

function partsPerNight(things: number): number {
  let parts = 1;
  while (nights * parts * mostInPart < things) parts *= 2;
  return parts;
}

/** FNV-1a: the same in every release and thread. */
function hashOf(id: EntityId): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}
