// Gathers what capacity is computed from. The hourly job asks the store; a question takes what the job left behind, so
// that an answer takes milliseconds.
import type { AnalysisDocument } from "../../model/analysis.ts";
import type { CapacityNeeds, CapacityOutlook } from "../../model/capacity.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";
import { clusterSupply } from "../supply/index.ts";
import { buildModel } from "./build-model.ts";
import type { CapacityInput } from "./cluster-capacity.ts";
import { type GuestNeeds, measureNeeds } from "./guest-needs.ts";
import { startOfDay } from "./outlook.ts";
import { readOutlook } from "./read-history.ts";

/** One node may be lost. */
const reserveNodes = 1;

export interface MeasuredCluster {
  readonly input: CapacityInput;
  readonly outlook: CapacityOutlook;
  readonly needs: CapacityNeeds;
}

/** Forecasts are in steps of a day: those of today are taken again. */
export async function measureCluster(context: AnalysisContext, cluster: ClusterId): Promise<MeasuredCluster> {
  const { fleet, facts, store, nowMs } = context;
  const supply = clusterSupply({ fleet, facts }, cluster, { reserveNodes });
  const running = supply.guests.filter((guest) => guest.running);
  const needs = await measureNeeds(store, running, nowMs);
  const kept = (await documentOf(context, "capacity-outlook", cluster))?.body as CapacityOutlook | undefined;
  const outlook = isSettled(kept, nowMs) ? kept : await readOutlook({ store, fleet, supply, nowMs });
  const model = buildModel({ fleet, facts, supply, needs });
  return { input: { model, storages: supply.storages, outlook, nowMs }, outlook, needs: packNeeds(needs) };
}

/** While history is still being imported, what has too little of it is looked at again. */
function isSettled(kept: CapacityOutlook | undefined, nowMs: number): kept is CapacityOutlook {
  if (kept?.fromMs !== startOfDay(nowMs)) return false;
  const all = Object.values(kept.series);
  return all.length > 2 && !all.some(({ none }) => none !== null && /^(?:no_data|too_)/.test(none.code));
}

/** `computedAt` is null before the job's first run: then guests count with their newest sample. */
export async function knownCluster(
  context: AnalysisContext,
  cluster: ClusterId,
): Promise<{ readonly input: CapacityInput; readonly computedAt: number | null }> {
  const { fleet, facts, nowMs } = context;
  const [needs, outlook] = await Promise.all([
    documentOf(context, "capacity-needs", cluster),
    documentOf(context, "capacity-outlook", cluster),
  ]);
  const supply = clusterSupply({ fleet, facts }, cluster, { reserveNodes });
  const known = unpackNeeds(needs?.body as CapacityNeeds | undefined);
  const model = buildModel({ fleet, facts, supply, needs: known });
  return {
    input: { model, storages: supply.storages, outlook: (outlook?.body as CapacityOutlook | undefined) ?? null, nowMs },
    computedAt: needs?.at ?? null,
  };
}

async function documentOf(
  { documents }: AnalysisContext,
  name: string,
  cluster: ClusterId,
): Promise<AnalysisDocument | undefined> {
  return (await documents.list({ name, cluster }))[0];
}

const packNeeds = (needs: GuestNeeds): CapacityNeeds => ({
  guests: [...needs].map(
    ([id, { p95, mean, basis }]) =>
      [id, p95.cpuCores, p95.memoryBytes, mean.cpuCores, mean.memoryBytes, basis] as const,
  ),
});

const unpackNeeds = (needs: CapacityNeeds | undefined): GuestNeeds =>
  new Map(
    (needs?.guests ?? []).map(([id, cpuCores, memoryBytes, meanCores, meanBytes, basis]) => [
      id,
      { p95: { cpuCores, memoryBytes }, mean: { cpuCores: meanCores, memoryBytes: meanBytes }, basis },
    ]),
  );
