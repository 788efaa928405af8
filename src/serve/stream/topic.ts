// A topic is something a client can follow: a snapshot first, then what changes. Its state is held once for each scope.
import type { Permission, Scope } from "../../model/access.ts";
import type { FleetView } from "../../model/fleet.ts";
import type { EntityId } from "../../model/ids.ts";

/** What has changed since the last frame. */
export interface Changes {
  readonly entities: ReadonlySet<EntityId>;
  readonly tasks: boolean;
  readonly problems: boolean;
  readonly jobs: boolean;
  readonly findings: boolean;
  readonly analyses: boolean;
}

export interface TopicState {
  /** What a new client gets: everything, as of the last `update`. */
  snapshot(): object;
  /** Takes the changes in; what those who follow need to be told, or undefined when they would see no difference. */
  update(changes: Changes): object | undefined;
}

export interface Topic {
  readonly name: string;
  readonly permission: Permission;
  open(fleet: FleetView, scope: Scope): TopicState;
}
