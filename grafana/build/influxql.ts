// InfluxQL in pieces, so that every panel chooses, groups and bounds its series alike.

import type { EntityKind } from "../../src/model/ids.ts";
import { measurementOf } from "../../src/model/influx-schema.ts";

/** Conditions by the dashboard's variables. */
export const byCluster = `"cluster" =~ /^$cluster$/`;
export const byNode = `${byCluster} AND "node" =~ /^$node$/`;
export const byGuest = `${byCluster} AND "vmid" =~ /^$guest$/`;

/** What makes a guest the one it is: a vmid is given again, and exists in every cluster. */
export const guestTags = `"cluster", "vmid", "generation"`;

export interface Asked {
  readonly kind: EntityKind;
  readonly where: string;
  readonly by?: string;
}

const from = ({ kind, where }: Asked): string => `FROM "${measurementOf(kind)}" WHERE ${where} AND $timeFilter`;

/** A line per group over time; gaps stay gaps. */
export const overTime = (columns: string, asked: Asked): string =>
  `SELECT ${columns} ${from(asked)} GROUP BY time($__interval)${asked.by === undefined ? "" : `, ${asked.by}`} fill(null)`;

/** One row per group over the whole range. */
export const once = (columns: string, asked: Asked): string =>
  `SELECT ${columns} ${from(asked)}${asked.by === undefined ? "" : ` GROUP BY ${asked.by}`}`;

/** Over many things: first each by itself (`inner`, grouped by `asked.by`), then all of them. */
export const overMany = (columns: string, inner: string, asked: Asked): string =>
  `SELECT ${columns} FROM (${once(inner, asked)}) WHERE $timeFilter`;

export const overManyInTime = (columns: string, inner: string, asked: Asked, by?: string): string =>
  `SELECT ${columns} FROM (SELECT ${inner} ${from(asked)} GROUP BY time($__interval), ${asked.by ?? '"cluster"'} fill(none)) WHERE $timeFilter GROUP BY time($__interval)${by === undefined ? "" : `, ${by}`} fill(null)`;
