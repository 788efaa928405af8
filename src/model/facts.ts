// Slow facts: what a cluster tells only when it is asked at leisure (hardware, disks, certificates, backups, …). Facts are
// texts and states with a history; numbers that draw a curve go into batches as well.

import type { FactBody, FactKind } from "./facts-catalogue.ts";
import type { EntityId } from "./ids.ts";

export type FactValue = string | number | boolean | readonly string[] | null;
/** By the catalogue's field names. */
export type FactFields = Readonly<Record<string, FactValue>>;

export interface Fact {
  readonly kind: FactKind;
  /** Whose page shows it, and whose scope decides who may see it. */
  readonly subject: EntityId;
  /** What tells it from the others of its kind and subject: a device, a file, a storage; empty for the only one. */
  readonly key: string;
  readonly fields: FactFields;
}

export const aFact = <Kind extends FactKind>(
  kind: Kind,
  subject: EntityId,
  key: string,
  fields: FactBody<Kind>,
): Fact => ({ kind, subject, key, fields });

/** Unique among all facts. */
export const factId = ({ kind, subject, key }: Pick<Fact, "kind" | "subject" | "key">): string =>
  `${kind}\n${subject}\n${key}`;

/** A fact as it is held. */
export interface HeldFact extends Fact {
  /** When it was read last, ms since the epoch. */
  readonly readAt: number;
  /** When it last became what it is; the first reading counts. */
  readonly changedAt: number;
}

/** What one reading of one subject brought. */
export interface FactReading {
  readonly cluster: string;
  readonly reader: string;
  /** The entity that was asked about. */
  readonly about: EntityId;
  readonly at: number;
  /** Why it could not be read; null when it was. A failed reading changes no fact. */
  readonly error: string | null;
  /** Failures in a row, this one included. */
  readonly failures: number;
  /** Of these kinds the reading is complete: what this reader told of `about` before and does not tell now is gone. */
  readonly kinds: readonly FactKind[];
  readonly facts: readonly Fact[];
}

/** When a subject was last asked and how that went; kept, so that a restart does not ask everything again. */
export interface FactRead {
  readonly reader: string;
  readonly about: EntityId;
  readonly at: number;
  /** Failures in a row. */
  readonly failures: number;
}

export interface FactChange {
  readonly kind: FactKind;
  readonly subject: EntityId;
  readonly key: string;
  readonly at: number;
  readonly change: "added" | "changed" | "removed";
  /** Only the fields that differ; null where there was or is none. */
  readonly before: FactFields | null;
  readonly after: FactFields | null;
  /** Who did it, where a task or log line tells. */
  readonly by: string | null;
}

export interface FactsView {
  list(kind: FactKind): readonly HeldFact[];
}

/** Newest first. */
export interface FactHistory {
  changes(filter: {
    readonly subject?: EntityId | undefined;
    readonly kind?: FactKind | undefined;
    readonly limit: number;
  }): Promise<readonly FactChange[]>;
}
