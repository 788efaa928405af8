// Divides a cluster's things into parts that are read, computed and kept together. A thing stays in its part for as long
// as the fleet's size does not double, so that what was learnt of it is found again.
import type { EntityId, EntityKind } from "../../model/ids.ts";
import type { WatchedEntity } from "./watched.ts";

/** What was learnt is learnt again after so many nights, a seventh of the things each night. */
export const nights = 7;
/** Documents of a part stay below a megabyte. */
const mostInPart = 60;

export interface Part {
  /** `guest/3/02`: the kind, the night in which its weights are learnt, and its number. */
  readonly key: string;
  readonly kind: EntityKind;
  readonly night: number;
  readonly entities: readonly WatchedEntity[];
}

/** All parts, empty ones too: what a part had before must not stay behind. */
export function partsOf(kind: EntityKind, entities: readonly WatchedEntity[]): readonly Part[] {
  const perNight = partsPerNight(entities.length);
  const parts = new Map<string, WatchedEntity[]>();
  for (let night = 0; night < nights; night++)
    for (let number = 0; number < perNight; number++) parts.set(keyOf(kind, night, number), []);
  for (const entity of entities) parts.get(partKey(entity, entities.length))?.push(entity);
  return [...parts].map(([key, members]) => ({ key, kind, night: Number(key.split("/")[1]), entities: members }));
}

/** The part of a thing in a fleet with so many of its kind. */
export function partKey({ id, kind }: Pick<WatchedEntity, "id" | "kind">, ofKind: number): string {
  const hash = hashOf(id);
  return keyOf(kind, hash % nights, Math.floor(hash / nights) % partsPerNight(ofKind));
}

/** Whole nights since 1970, by which the seventh of the things is chosen. */
export const nightOf = (nowMs: number): number => Math.floor(nowMs / 86_400_000) % nights;

const keyOf = (kind: EntityKind, night: number, number: number): string =>
  `${kind}/${night}/${String(number).padStart(2, "0")}`;

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
