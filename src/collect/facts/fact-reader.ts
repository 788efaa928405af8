// One kind of slow fact: what it needs, whom it asks about, and how an answer becomes facts, rows and events.
import type { NewEvent } from "../../model/event.ts";
import type { Fact } from "../../model/facts.ts";
import type { FactKind } from "../../model/facts-catalogue.ts";
import type { FactReaderName } from "../../model/facts-paces.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { ClusterEntity, GuestEntity, NodeEntity, StorageEntity, Task } from "../../model/inventory.ts";
import type { Capabilities, PveReader } from "../../pve/index.ts";
import type { FactRow } from "./fact-rows.ts";
import type { KnownFleet } from "./known-fleet.ts";

export interface Subjects {
  readonly cluster: ClusterEntity;
  readonly node: NodeEntity;
  readonly storage: StorageEntity;
  readonly guest: GuestEntity;
}
export type FactScope = keyof Subjects;

export interface FactContext {
  readonly cluster: ClusterId;
  /** Waits for its turn before every request: a reader asks as much as it needs, and stays polite. */
  readonly pve: PveReader;
  readonly options: { readonly priority: "background"; readonly signal: AbortSignal };
  readonly capabilities: Capabilities;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When this run began. */
  readonly startedAt: number;
  /** Seconds between two readings, as configured; rows stand for so long. */
  readonly everyS: number;
  /** The last time this subject was read successfully; null: never. */
  readonly lastAt: number | null;
  readonly fleet: KnownFleet;
  /** Whether our token has the privilege anywhere. */
  readonly holds: (privilege: string) => boolean;
}

export interface Reading {
  readonly facts?: readonly Fact[];
  readonly rows?: readonly FactRow[];
  readonly events?: readonly NewEvent[];
  readonly tasks?: readonly Task[];
}

export interface FactReader<Scope extends FactScope> {
  readonly name: FactReaderName;
  readonly scope: Scope;
  /** What it tells. Unless `incremental`, each reading is the whole: what is not told any more is gone. */
  readonly tells: readonly FactKind[];
  readonly incremental?: true;
  /** Privileges. Without all of them the reader is left out, and the job says so. */
  readonly needs: readonly string[];
  /** False for releases that do not have the call. */
  readonly releases?: (capabilities: Capabilities) => boolean;
  /** Only where the configuration allows the guest agent. */
  readonly needsAgent?: true;
  /** A finished task of such a type about a guest makes its next reading due. */
  readonly hints?: RegExp;
  /** Wait after the first failure; doubled by each further one up to a day. The pace when left out. */
  readonly backOffS?: number;
  readonly concerns?: (subject: Subjects[Scope], fleet: KnownFleet) => boolean;
  /** Throws what the client throws. */
  read(context: FactContext, subject: Subjects[Scope]): Promise<Reading>;
}

export type AnyFactReader = { readonly [Scope in FactScope]: FactReader<Scope> }[FactScope];

/** The node that is asked: one reading at a time goes to each. */
export const askedNode = (scope: FactScope, subject: Subjects[FactScope], fleet: KnownFleet): string => {
  if (scope === "guest" && subject.kind === "guest") return subject.node;
  if (scope === "storage" && subject.kind === "storage") return fleet.nodeOfStorage(subject) ?? "@cluster";
  return scope === "node" ? subject.name : "@cluster";
};

/** null for what is not there, as facts have it. */
export const orNull = <T>(value: T | undefined): T | null => value ?? null;
export const ms = (seconds: number | undefined): number | null => (seconds === undefined ? null : seconds * 1000);
