// Works out key figures from a data directory that no service runs on, as of its newest sample.
import { join } from "node:path";
import { jobs } from "../../analyse/index.ts";
import { demoClusterId } from "../../app/demo-cluster.ts";
import type { Settings } from "../../config/settings.ts";
import type { Clock } from "../../lib/clock.ts";
import { silentLog } from "../../lib/log.ts";
import { FactBook } from "../../live/fact-book.ts";
import { Fleet } from "../../live/fleet.ts";
import { type ClusterId, entityKinds } from "../../model/ids.ts";
import { type ClusterKpis, clusterKpis } from "../../model/kpi-lines.ts";
import type { MetricsStore } from "../../model/store.ts";
import { lockDataDir, openState, openStore, type State } from "../../store/index.ts";
import { stateFileName } from "../admin.ts";

const dayMs = 86_400_000;
/** A directory that was left longer ago has nothing in the window. */
const lookBackMs = 400 * dayMs;

export async function kpisHere(
  settings: Settings,
  clock: Clock,
  onProgress: (done: number, total: number) => void,
): Promise<readonly ClusterKpis[]> {
  const { dataDir } = settings;
  const { rawDays, fiveMinuteDays, hourlyDays } = settings.store;
  const lock = await lockDataDir(dataDir, clock);
  try {
    const problems = { raise: () => undefined, clear: () => undefined };
    const retention = { rawDays, fiveMinuteDays, hourDays: hourlyDays };
    const store = await openStore({ dataDir, log: silentLog, problems, retention });
    const state = await openState({ path: join(dataDir, stateFileName), clock });
    try {
      return await workOut(settings, { store, state, clock, onProgress });
    } finally {
      await state.close();
      await store.close();
    }
  } finally {
    await lock.release();
  }
}

interface Parts {
  readonly store: MetricsStore;
  readonly state: State;
  readonly clock: Clock;
  readonly onProgress: (done: number, total: number) => void;
}

async function workOut({ analysis, clusters }: Settings, parts: Parts): Promise<readonly ClusterKpis[]> {
  const { store, state, clock, onProgress } = parts;
  const named = clusters.map(({ id, name, costModel }) => ({ id, name, costModel }));
  const known = [...named, { id: demoClusterId, name: demoClusterId, costModel: null }];
  const nowMs = await newestSampleAt(store, clock.now());
  const book = new FactBook();
  const fleet = await restoredFleet(
    known.map(({ id }) => id),
    { ...parts, book, nowMs },
  );
  const job = jobs.find(({ id }) => id === "kpis");
  const outcome = await job?.run({
    nowMs,
    fleet,
    facts: book,
    settings: { ...analysis, clusters: known },
    store,
    events: state.events,
    history: state.facts,
    findings: state.findings,
    documents: state.documents,
    threads: 1,
    progress: onProgress,
  });
  return clusterKpis((outcome?.documents ?? []).filter(({ name }) => name === "kpis"));
}

async function newestSampleAt(store: MetricsStore, nowMs: number): Promise<number> {
  const newest = await store.latest("cluster", nowMs - lookBackMs);
  return newest.length === 0 ? nowMs : Math.max(...newest.map(({ ts, stepS }) => ts + stepS * 1000));
}

/** The inventory and the facts as they were kept, with the values of the last day. */
async function restoredFleet(
  clusters: readonly ClusterId[],
  { store, state, clock, book, nowMs }: Parts & { readonly book: FactBook; readonly nowMs: number },
): Promise<Fleet> {
  const fleet = new Fleet(clock);
  const entities = (await Promise.all(clusters.map((id) => state.entities.load(id)))).flat();
  const latest = await Promise.all(entityKinds.map((kind) => store.latest(kind, nowMs - dayMs)));
  const ids = new Set(entities.map(({ id }) => id));
  fleet.restore(
    entities,
    latest.flat().filter(({ id }) => ids.has(id)),
  );
  const facts = await Promise.all(clusters.map((id) => state.facts.load(id)));
  book.restore(facts.flatMap((part) => part.facts));
  return fleet;
}
