// Mutes what has a known cause: the load of a backup, a move, a restore, or a maintenance somebody announced. A muted
// anomaly is kept with its cause and raises nothing.
import type { NewEvent } from "../../model/event.ts";
import { type EntityId, parseEntityId } from "../../model/ids.ts";
import { endOf, eventsNear } from "./near-events.ts";

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
  /** How long it explains what goes on: its end, and what it takes until everything is as before. */
  readonly untilMs: number;
}

const hourMs = 3_600_000;
/** Caches and page tables of what was started or moved need about a day to be as they were. */
const afterEffectMs: Readonly<Record<KnownCause["cause"], number>> = {
  backup: hourMs,
  snapshot: hourMs,
  maintenance: hourMs,
  migration: 24 * hourMs,
  restore: 24 * hourMs,
  power: 24 * hourMs,
};

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
  /** From its first row to the one at which it was noticed (epoch milliseconds). */
  readonly stretch: { readonly fromMs: number; readonly atMs: number };
  /** Those of the subject and of the node it runs on. */
  readonly events: readonly NewEvent[];
  readonly maintenances: readonly Maintenance[];
}

/** The nearest cause, or undefined. A task of another guest is no cause for a guest, one of its node is. */
export function knownCauseOf({ subject, stretch, events, maintenances }: CauseQuestion): KnownCause | undefined {
  const announced = maintenances.find(
    (window) => concerns(window.subject, subject) && window.fromMs <= stretch.atMs && window.toMs >= stretch.fromMs,
  );
  if (announced !== undefined) {
    const { text, fromMs, toMs } = announced;
    return { cause: "maintenance", text, atMs: fromMs, untilMs: toMs + afterEffectMs.maintenance };
  }
  for (const event of eventsNear(stretch, events)) {
    if (event.topic !== "task" || !concerns(event.subject, subject)) continue;
    const cause = causes.find(([, types]) => types.test(event.type))?.[0];
    if (cause === undefined) continue;
    return { cause, text: event.text, atMs: event.at, untilMs: endOf(event) + afterEffectMs[cause] };
  }
  return undefined;
}

function concerns(of: EntityId, subject: EntityId): boolean {
  return of === subject || parseEntityId(of)?.kind !== "guest" || parseEntityId(subject)?.kind !== "guest";
}
