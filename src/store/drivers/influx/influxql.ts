// Statements of InfluxQL, put together from parts that are quoted here and nowhere else.
import { type EntityId, type EntityKind, parseEntityId } from "../../../model/ids.ts";
import { identityTagKeysOf, influxTagsOfId, measurementOf } from "../../../model/influx-schema.ts";
import { oneLine } from "./line-text.ts";

export const quotedIdentifier = (name: string): string => `"${oneLine(name).replace(/["\\]/g, "\\$&")}"`;
export const quotedText = (text: string): string => `'${oneLine(text).replace(/['\\]/g, "\\$&")}'`;

export const fromKind = (kind: EntityKind): string => `FROM ${quotedIdentifier(measurementOf(kind))}`;

/** Series are known by these; a guest that moved stays one. */
export const byIdentity = (kind: EntityKind): string => identityTagKeysOf(kind).map(quotedIdentifier).join(", ");

/** from ≤ time < to, in milliseconds; what a point's nanoseconds say does not push it out. */
export const within = (fromMs: number, toMs: number): string =>
  `time >= ${Math.ceil(fromMs)}ms AND time < ${Math.ceil(toMs)}ms`;

/** A predicate for these series. An absent tag equals the empty text. */
export function anyOf(kind: EntityKind, ids: readonly EntityId[]): string {
  const keys = identityTagKeysOf(kind).filter((key) => key !== "cluster");
  const clusters = new Map<string, string[]>();
  for (const id of ids) {
    const cluster = parseEntityId(id)?.cluster ?? "";
    const tags = influxTagsOfId(id, { node: null, type: null }) ?? {};
    const own = keys.map((key) => `${quotedIdentifier(key)} = ${quotedText(tags[key] ?? "")}`);
    const list = clusters.get(cluster) ?? [];
    clusters.set(cluster, list);
    if (own.length > 0) list.push(`(${own.join(" AND ")})`);
  }
  const parts = [...clusters].map(([cluster, list]) => {
    const inCluster = `"cluster" = ${quotedText(cluster)}`;
    return list.length === 0 ? `(${inCluster})` : `(${inCluster} AND (${list.join(" OR ")}))`;
  });
  return `(${parts.join(" OR ")})`;
}
