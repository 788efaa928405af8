// Mutes what has a known cause: the load of a backup, a move, a restore, or a maintenance somebody announced. A muted
// anomaly is kept with its cause and raises nothing.
import type { NewEvent } from "../../model/event.ts";
import { type EntityId, parseEntityId } from "../../model/ids.ts";
import { eventsNear } from "./near-events.ts";
import type { Anomaly } from "./scan.ts";

/** A time in which things of a node or a guest are expected to be unusual. */
export interface Maintenance {
  readonly subject: EntityId;
  readonly fromMs: number;
  /** Infinity while it has no end yet. */
  readonly toMs: number;
  readonly text: string;
}

export interface KnownCause {
  readonly cause: "backup" | "migration" | "restore" | "snapshot" | "power" | "maintenance";
  /** One line for people. */
  readonly text: string;
  readonly atMs: number;
}

/** Task types of Proxmox VE by what they are to a guest's curves. What HA starts by itself is a fault, not a cause. */
const causes: readonly (readonly [Exclude<KnownCause["cause"], "maintenance">, RegExp])[] = [
  ["backup", /^(vzdump|prunebackups)$/],
  ["migration", /^(qmigrate|vzmigrate|hamigrate|migrateall|qmmove|move_volume)$/],
  ["restore", /^(qmrestore|vzrestore|qmclone|vzclone|imgcopy)$/],
  ["snapshot", /^(qm|vz)(snapshot|delsnapshot|rollback)$/],
  ["power", /^((qm|vz)(start|stop|shutdown|reboot|reset|suspend|resume)|startall|stopall|suspendall)$/],
];

export interface CauseQuestion {
  /** What the series is about. */
  readonly subject: EntityId;
  readonly anomaly: Anomaly;
  /** Those of the subject and of the node it runs on. */
  readonly events: readonly NewEvent[];
  readonly maintenances: readonly Maintenance[];
}

/** The nearest cause, or undefined. A task of another guest is no cause for a guest, one of its node is. */
export function knownCauseOf({ subject, anomaly, events, maintenances }: CauseQuestion): KnownCause | undefined {
  const announced = maintenances.find(
    (window) => concerns(window.subject, subject) && window.fromMs <= anomaly.atMs && window.toMs >= anomaly.fromMs,
  );
  if (announced !== undefined) return { cause: "maintenance", text: announced.text, atMs: announced.fromMs };
  for (const event of eventsNear(anomaly, events)) {
    if (event.topic !== "task" || !concerns(event.subject, subject)) continue;
    const cause = causes.find(([, types]) => types.test(event.type))?.[0];
    if (cause !== undefined) return { cause, text: event.text, atMs: event.at };
  }
  return undefined;
}

function concerns(of: EntityId, subject: EntityId): boolean {
  return of === subject || parseEntityId(of)?.kind !== "guest" || parseEntityId(subject)?.kind !== "guest";
}
