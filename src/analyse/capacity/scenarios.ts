// The scenarios on record, and which of the committed ones can be subtracted.

import { InputError } from "../../lib/errors.ts";
import type { AnalysisDocuments } from "../../model/analysis.ts";
import type { CapacityDocument } from "../../model/capacity.ts";
import type { ClusterId } from "../../model/ids.ts";
import { holdsAt, Scenario, type ScenarioChange } from "../../model/scenario.ts";
import type { ClusterModel } from "./cluster-model.ts";
import { noEffects, withChange } from "./effects.ts";

/** By id. What an older version has kept and nobody can read any more is left out. */
export async function savedScenarios(
  documents: AnalysisDocuments,
  cluster: ClusterId,
): Promise<ReadonlyMap<string, Scenario>> {
  const held = await documents.list({ name: "scenario", cluster });
  return new Map(
    held.flatMap(({ key, body }) => {
      const read = Scenario.safeParse(body);
      return read.success ? [[key, read.data] as const] : [];
    }),
  );
}

export interface Committed extends Pick<CapacityDocument, "committed" | "notApplicable"> {
  readonly changes: readonly ScenarioChange[];
}

/** `except`: one that is asked about must not count twice. */
export function committedChanges(
  model: ClusterModel,
  scenarios: Iterable<Scenario>,
  nowMs: number,
  except: readonly string[] = [],
): Committed {
  let effects = noEffects(model);
  const found = { changes: [] as ScenarioChange[], committed: [] as string[], notApplicable: [] as NotApplicable[] };
  for (const scenario of scenarios) {
    if (!holdsAt(scenario, nowMs) || except.includes(scenario.id)) continue;
    try {
      effects = scenario.changes.reduce((before, change) => withChange(model, before, change), effects);
      found.changes.push(...scenario.changes);
      found.committed.push(scenario.name);
    } catch (error) {
      // It was right when it was committed: its node or guest has gone since. Said, and not subtracted.
      if (!(error instanceof InputError)) throw error;
      found.notApplicable.push({ name: scenario.name, why: error.message });
    }
  }
  return found;
}

type NotApplicable = CapacityDocument["notApplicable"][number];
