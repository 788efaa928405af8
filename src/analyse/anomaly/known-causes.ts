// Mutes what has a known cause: the load of a backup, a move, a restore, or a maintenance somebody announced. A muted
// anomaly is kept with its cause and raises nothing.
import type { NewEvent } from "../../model/event.ts";
import type { EntityId } from "../../model/ids.ts";
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

/** Task types of Proxmox VE by what they are to a guest's curves. */
const causes: readonly (readonly [Exclude<KnownCause["cause"], "maintenance">, RegExp])[] = [
  ["backup", /^(vzdump|pbs-?backup|verificationjob|prune.*)$/],
  ["migration", /^(qmigrate|vzmigrate|hamigrate|migrateall|qmmove|move_volume|vzmove.*)$/],
  ["restore", /^(qmrestore|vzrestore|qmclone|vzclone|imgcopy)$/],
  ["snapshot", /^(qmsnapshot|vzsnapshot|qmdelsnapshot|vzdelsnapshot|qmrollback|vzrollback)$/],
  ["power", /^(qm|vz|ha)(start|stop|shutdown|reboot|reset|suspend|resume)$/],
];

/** The nearest cause, or undefined. `events` and `maintenances` are those of the series' guest and node. */
export function knownCauseOf(
  anomaly: Anomaly,
  events: readonly NewEvent[],
  maintenances: readonly Maintenance[],
): KnownCause | undefined {
  const announced = maintenances.find(({ fromMs, toMs }) => fromMs <= anomaly.atMs && toMs >= anomaly.fromMs);
  if (announced !== undefined) return { cause: "maintenance", text: announced.text, atMs: announced.fromMs };
  for (const event of eventsNear(anomaly, events)) {
    const cause = event.topic === "task" ? causes.find(([, types]) => types.test(event.type))?.[0] : undefined;
    if (cause !== undefined) return { cause, text: event.text, atMs: event.at };
  }
  return undefined;
}
