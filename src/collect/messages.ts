// What passes between the main thread and the collector's.
import type { CollectorEvent } from "../model/collector.ts";
import type { FactRead } from "../model/facts.ts";
import type { FactSettings } from "../model/facts-paces.ts";
import type { ClusterId } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import type { PushAnswer, PushRequest } from "../model/push.ts";
import type { PveLimits, Trust } from "../pve/index.ts";
import type { PolledCluster } from "./polled-cluster.ts";
import type { PushedMomentsOf } from "./push/pushed-moments.ts";

export interface CollectorStart extends KnownBefore {
  readonly clusters: readonly ClusterStart[];
  readonly facts: FactSettings;
}

/** What earlier starts left of one or all clusters. */
export interface KnownBefore {
  readonly known: readonly Entity[];
  /** When slow facts were read. */
  readonly factReads: readonly FactRead[];
  /** What is stored of pushes, that no poll has passed yet. */
  readonly pushed: readonly PushedMomentsOf[];
}

export interface ClusterStart {
  readonly cluster: PolledCluster;
  readonly endpoints: readonly string[];
  readonly access: BareAccess;
  readonly trust: Trust;
  readonly limits: Partial<PveLimits>;
  /** Whether guests may be asked through their agent. */
  readonly agent: boolean;
}

/** How to sign in, in the clear: it goes from thread to thread and nowhere else. */
export type BareAccess =
  | { readonly token: { readonly id: string; readonly secret: string } }
  | { readonly login: { readonly user: string; readonly password: string } };

/** What the running collector is told. */
export type CollectorCommand =
  | { readonly type: "start"; readonly start: ClusterStart; readonly before: KnownBefore }
  | { readonly type: "stop"; readonly cluster: ClusterId }
  | { readonly type: "access"; readonly cluster: ClusterId; readonly access: BareAccess }
  /** The body is moved. */
  | { readonly type: "push"; readonly number: number; readonly request: PushRequest };

export type LogLevel = "error" | "warn" | "info" | "debug";

export type CollectorMessage =
  /** The newest row of every thing that a poll brought. */
  | { readonly type: "batch"; readonly buffer: ArrayBuffer }
  | { readonly type: "event"; readonly event: CollectorEvent }
  | { readonly type: "log"; readonly level: LogLevel; readonly data: Record<string, unknown>; readonly message: string }
  | { readonly type: "pushed"; readonly number: number; readonly answer: PushAnswer }
  /** What came before it is all that there is of this cluster. */
  | { readonly type: "cluster-stopped"; readonly cluster: ClusterId }
  | { readonly type: "stopped" };
