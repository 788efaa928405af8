// What happened in a cluster: finished and running tasks, lines of the cluster log, changed configurations, transitions
// of HA and other facts that changed. One log; graphs mark it, lists show it.
import type { ClusterId, EntityId } from "./ids.ts";

export const eventTopics = ["task", "log", "config", "ha", "fact"] as const;
export type EventTopic = (typeof eventTopics)[number];

export interface NewEvent {
  /** What makes it the same event when it is told twice: a UPID, a line's place in the log, a change's moment. */
  readonly eventKey: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly endedAt: number | null;
  readonly topic: EventTopic;
  /** PVE's own word: the task type, the log line's tag, the fact's kind. */
  readonly type: string;
  readonly cluster: ClusterId;
  readonly subject: EntityId;
  /** Where it happened; null when nobody says. */
  readonly node: string | null;
  readonly user: string | null;
  readonly state: "running" | "ok" | "warning" | "failed" | "info" | "unknown";
  /** One line, in Proxmox's words. */
  readonly text: string;
}

export interface Event extends NewEvent {
  readonly seq: number;
}

export interface EventQuery {
  readonly fromMs: number;
  readonly toMs: number;
  /** Which events a subject has is for the caller to say: by subject, by node, or all of a cluster. */
  readonly cluster?: ClusterId | undefined;
  readonly subject?: EntityId | undefined;
  /** With `subject`: also what happened on this node. */
  readonly node?: string | undefined;
  readonly topics?: readonly EventTopic[] | undefined;
  /** PVE's own words: task types, tags of log lines, kinds of facts. */
  readonly types?: readonly string[] | undefined;
  /** Only what comes after this event in the order of the answer. */
  readonly after?: { readonly at: number; readonly seq: number } | undefined;
  readonly limit: number;
}

export interface EventLog {
  /** Newest first. */
  query(query: EventQuery): Promise<readonly Event[]>;
}
