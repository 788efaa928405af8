// The topics `tasks`, `problems`, `jobs`, `findings` and `analyses`. Tasks come as deltas, for there are many; the others whole, for they are few.

import type { Scope } from "../../model/access.ts";
import type { FleetView } from "../../model/fleet.ts";
import { findingItem } from "../items/finding-item.ts";
import { jobItem, problemItem, taskItem } from "../items/record-items.ts";
import { isoTime } from "../items/time.ts";
import { type ScopedFleet, scopedFleet, seesEverything } from "../scoped-fleet.ts";
import type { Changes, Topic, TopicState } from "./topic.ts";

/** The newest; older ones are in the list. */
const mostTasks = 500;

export const tasksTopic: Topic = {
  name: "tasks",
  permission: "tasks:read",
  open(fleet, scope) {
    const view = scopedFleet(fleet, scope);
    const read = (): Map<string, string> =>
      new Map(
        view
          .tasks()
          .slice(0, mostTasks)
          .map((task) => [task.upid, JSON.stringify(taskItem(task))]),
      );
    let held = read();
    return {
      snapshot: () => ({ items: parsed(held.values()) }),
      update(changes) {
        if (!changes.tasks && !mayMoveScope(scope, changes)) return undefined;
        const now = read();
        const changed = [...now].filter(([upid, json]) => held.get(upid) !== json).map(([, json]) => json);
        const removed = [...held.keys()].filter((upid) => !now.has(upid));
        held = now;
        if (changed.length + removed.length === 0) return undefined;
        return removed.length === 0 ? { changed: parsed(changed) } : { changed: parsed(changed), removed };
      },
    };
  },
};

export const problemsTopic: Topic = {
  name: "problems",
  permission: "problems:read",
  open: (fleet, scope) =>
    wholeList(
      fleet,
      scope,
      (view) => view.problems().map(problemItem),
      (changes) => changes.problems,
    ),
};

export const jobsTopic: Topic = {
  name: "jobs",
  permission: "jobs:read",
  open: (fleet, scope) =>
    wholeList(
      fleet,
      scope,
      (view) => view.jobs().map(jobItem),
      (changes) => changes.jobs,
    ),
};

/** Those that hold now. */
export const findingsTopic: Topic = {
  name: "findings",
  permission: "analysis:read",
  open: (fleet, scope) =>
    wholeList(
      fleet,
      scope,
      (view) => view.findings().map(findingItem),
      (changes) => changes.findings,
      { followsScope: false },
    ),
};

/** Which results are new: whoever shows one asks for it again. */
export const analysesTopic: Topic = {
  name: "analyses",
  permission: "analysis:read",
  open: (fleet, scope) =>
    wholeList(
      fleet,
      scope,
      (view) => view.analyses().map(({ name, cluster, at }) => ({ name, cluster, at: isoTime(at) })),
      (changes) => changes.analyses,
      { followsScope: false },
    ),
};

function wholeList(
  fleet: FleetView,
  scope: Scope,
  read: (view: ScopedFleet) => readonly object[],
  concerns: (changes: Changes) => boolean,
  // Whether a guest that moves into or out of the scope takes its lines with it at once. Findings are many and are told
  // anew every few minutes; looking through them at every poll would cost more than that is worth.
  { followsScope = true }: { readonly followsScope?: boolean } = {},
): TopicState {
  const view = scopedFleet(fleet, scope);
  let held = JSON.stringify(read(view));
  const items = (): object => ({ items: JSON.parse(held) as unknown });
  return {
    snapshot: items,
    update(changes) {
      if (!concerns(changes) && !(followsScope && mayMoveScope(scope, changes))) return undefined;
      const now = JSON.stringify(read(view));
      if (now === held) return undefined;
      held = now;
      return items();
    },
  };
}

/** What belongs to a guest comes and goes with the guest's pool and tags. */
const mayMoveScope = (scope: Scope, changes: Changes): boolean => changes.entities.size > 0 && !seesEverything(scope);

const parsed = (texts: Iterable<string>): unknown[] => [...texts].map((text) => JSON.parse(text) as unknown);
