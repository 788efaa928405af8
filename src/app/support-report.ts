// What the running service tells of itself for a support bundle. Names are hidden by who writes the bundle.
import type { ServiceReport } from "../cli/support/bundle.ts";
import type { FleetView } from "../model/fleet.ts";
import type { MetricsStore } from "../model/store.ts";

export interface SupportParts {
  readonly fleet: FleetView;
  readonly store: Pick<MetricsStore, "stats">;
  readonly status: () => Promise<unknown>;
  readonly metricsText: () => Promise<string>;
  readonly recentLog: () => readonly string[];
}

export async function supportReport({
  fleet,
  store,
  status,
  metricsText,
  recentLog,
}: SupportParts): Promise<ServiceReport> {
  const clusters = fleet.list("cluster").map(({ entity }) => ({
    id: entity.cluster,
    release: entity.kind === "cluster" ? entity.release : null,
    quorate: entity.kind === "cluster" ? entity.quorate : null,
    nodes: countOf(fleet, "node", entity.cluster),
    guests: countOf(fleet, "guest", entity.cluster),
    storages: countOf(fleet, "storage", entity.cluster),
  }));
  return {
    status: await status(),
    clusters,
    problems: fleet.problems(),
    jobs: fleet.jobs(),
    store: await store.stats(),
    metrics: await metricsText(),
    log: recentLog(),
    guestNames: fleet.list("guest", { gone: true }).map(({ entity }) => entity.name),
  };
}

const countOf = (fleet: FleetView, kind: "node" | "guest" | "storage", cluster: string): number =>
  fleet.list(kind).filter(({ entity }) => entity.cluster === cluster).length;
