// Key figures for the command line: those that a running service holds, or worked out here from the data directory.
import { existsSync } from "node:fs";
import type { Settings } from "../../config/settings.ts";
import type { Clock } from "../../lib/clock.ts";
import { StoreError } from "../../lib/errors.ts";
import type { AnalysisDocuments } from "../../model/analysis.ts";
import { type ClusterKpis, clusterKpis } from "../../model/kpi-lines.ts";
import { type ControlMethods, controlCall, NoServiceError } from "../control.ts";

/** `kpis`: the figures of the last run. */
export const kpiMethods = ({ documents }: { readonly documents: AnalysisDocuments }): ControlMethods => ({
  kpis: async () => clusterKpis(await documents.list({ name: "kpis" })),
});

export async function readKpis(
  settings: Settings,
  clock: Clock,
  onProgress: (done: number, total: number) => void,
): Promise<readonly ClusterKpis[]> {
  try {
    return (await controlCall(settings.dataDir, "kpis")) as readonly ClusterKpis[];
  } catch (error) {
    if (!(error instanceof NoServiceError) || error.message.includes("another user")) throw error;
  }
  if (!existsSync(settings.dataDir)) {
    throw new StoreError(`The data directory ${settings.dataDir} does not exist: there is nothing yet.`);
  }
  const { kpisHere } = await import("./kpis-here.ts");
  return kpisHere(settings, clock, onProgress);
}
