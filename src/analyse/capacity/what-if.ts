// Answers a what-if: the same arithmetic before and after the changes.
import type { ScopeCapacity } from "../../model/capacity.ts";
import type { NodeFailure } from "../../model/node-failure.ts";
import type { ScenarioChange } from "../../model/scenario.ts";
import type { FailureChange, FailureCounts, WhatIfAnswer } from "../../model/what-if.ts";
import { applyChanges } from "./apply-changes.ts";
import { type CapacityInput, clusterCapacity, storageCapacities } from "./cluster-capacity.ts";
import { failuresOf } from "./failure.ts";
import { indexModel } from "./free-room.ts";
import { whatIfSentence } from "./what-if-words.ts";

export interface WhatIfInput extends CapacityInput {
  readonly committed: readonly ScenarioChange[];
  readonly asked: readonly ScenarioChange[];
  readonly computedAt: number | null;
}

/** Throws an InputError for a node or guest that the cluster does not have. */
export function whatIf(input: WhatIfInput): WhatIfAnswer {
  const { model, committed, asked, computedAt } = input;
  const [before, after] = [
    { committed, asked: [] },
    { committed, asked },
  ];
  const applied = applyChanges(model, asked);
  const [then, now] = [indexModel(model), indexModel(applied.model)];
  const parts = {
    cluster: { before: clusterCapacity(input, before, then), after: clusterCapacity(input, after, now) },
    storages: changedStorages(storageCapacities(input, before), storageCapacities(input, after)),
    failures: failureChanges(failuresOf(then), failuresOf(now)),
    noPlace: applied.homeless,
    losses: applied.losses,
    computedAt,
    notes: notesOf(asked),
  };
  return { sentence: whatIfSentence(parts), ...parts };
}

function changedStorages(before: readonly ScopeCapacity[], after: readonly ScopeCapacity[]): WhatIfAnswer["storages"] {
  const keyOf = ({ id, part }: ScopeCapacity): string => `${id} ${part}`;
  const later = new Map(after.map((scope) => [keyOf(scope), scope]));
  return before.flatMap((scope) => {
    const then = later.get(keyOf(scope)) ?? null;
    const isSame = then !== null && then.lines[0]?.remaining === scope.lines[0]?.remaining;
    return isSame ? [] : [{ id: scope.id, before: scope, after: then }];
  });
}

function failureChanges(before: readonly NodeFailure[], after: readonly NodeFailure[]): readonly FailureChange[] {
  const names = new Set([...before, ...after].map(({ node }) => node));
  const of = (failures: readonly NodeFailure[], name: string): FailureCounts | null => {
    const failure = failures.find(({ node }) => node === name);
    return failure === undefined ? null : countsOf(failure);
  };
  return [...names].map((node) => ({ node, before: of(before, node), after: of(after, node) }));
}

const countsOf = (failure: NodeFailure): FailureCounts => ({
  node: failure.node,
  verdict: failure.verdict,
  restarts: failure.restarts.length,
  restartsWithLoss: failure.restartsWithLoss.length,
  needsHand: failure.needsHand.length,
  stranded: failure.stranded.length,
  unknown: failure.unknown.length,
  sentence: failure.sentence,
});

function notesOf(asked: readonly ScenarioChange[]): readonly string[] {
  const notes: string[] = [];
  const has = (...kinds: readonly ScenarioChange["change"][]): boolean =>
    asked.some(({ change }) => kinds.includes(change));
  if (has("lose_node")) {
    notes.push("With a node away no reserve is kept: what remains is what is there until the next one fails.");
  }
  if (has("remove_node")) {
    notes.push("Whether the storages of other nodes have room for local disks that move along is not checked.");
  }
  if (asked.some((change) => change.change === "add_guests" && change.storage === null)) {
    notes.push("New guests without a storage lie on a shared one, and count for all storage of guests together.");
  }
  if (asked.some((change) => change.change === "add_nodes" && change.like === null)) {
    notes.push(
      "New nodes without a model take for themselves what the others take on average, and have no local storages.",
    );
  }
  return notes;
}
