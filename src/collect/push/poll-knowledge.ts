// What the round of polls tells a push.
import { type ClusterId, storageEntityId } from "../../model/ids.ts";
import type { ExportIntake } from "../export-intake.ts";
import type { Inventory } from "../inventory.ts";
import type { PollKnowledge } from "./push-intake.ts";

export interface PollState {
  readonly cluster: ClusterId;
  readonly inventory: Inventory;
  readonly intake: ExportIntake;
  readonly pollsSamples: boolean;
  /** Ours, in ms. */
  readonly now: number;
}

export function pollKnowledge({ cluster, inventory, intake, pollsSamples, now }: PollState): PollKnowledge {
  const nodes = new Set(inventory.list("node").map(({ name }) => name));
  const storages = new Set(inventory.list("storage").map(({ id }) => id));
  return {
    // The push has the right value on every release; only the export once had a wrong one.
    facts: inventory.exportFacts(true),
    pollsSamples,
    isNode: (node) => nodes.has(node),
    isGuest: (vmid) => {
      const id = inventory.guestId(vmid);
      return id !== undefined && inventory.guest(id)?.goneAt === null;
    },
    isStorage: (node, storage) =>
      storages.has(storageEntityId(cluster, storage, node)) || storages.has(storageEntityId(cluster, storage, null)),
    passedUpTo: (node, pveId) => intake.passedUpTo(node, pveId),
    nodeTime: (node) => now + intake.clockOf(node).skewS * 1000,
  };
}
