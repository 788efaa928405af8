// The composition root: builds the parts, joins them, and takes them down in reverse order. Nothing else does.
//
//   collector thread ──batches──▶ store thread (journal, DuckDB)
//        └──batches, events──▶ fleet (the present) ──▶ server (API, stream, page)
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Analysis, analysisSettings, openAnalysis } from "./app/analysis/open-analysis.ts";
import { Closers } from "./app/closers.ts";
import { ClusterSet } from "./app/cluster-set.ts";
import { clusterStart } from "./app/cluster-start.ts";
import { controlMethods } from "./app/control-methods.ts";
import { costMetrics } from "./app/cost-metrics.ts";
import { type DemoOptions, demoClusterId, demoFactSettings, startDemoCluster } from "./app/demo-cluster.ts";
import { eventJobs } from "./app/event-feed.ts";
import { FactKeeper } from "./app/fact-keeper.ts";
import { Housekeeping } from "./app/housekeeping.ts";
import { PushDoor } from "./app/push-door.ts";
import { pushedBefore } from "./app/pushed-before.ts";
import { Readiness } from "./app/readiness.ts";
import { type ConfigAccess, Reloader, type ReloadReport } from "./app/reloader.ts";
import { sinkOptions, tellSinks } from "./app/sink-wiring.ts";
import { StateKeeper } from "./app/state-keeper.ts";
import { storeJobs } from "./app/store-jobs.ts";
import { stateFileName } from "./cli/admin.ts";
import { serveControl } from "./cli/control.ts";
import { type KnownBefore, startCollector } from "./collect/index.ts";
import type { ClusterSettings, Settings } from "./config/index.ts";
import type { Clock } from "./lib/clock.ts";
import type { Log } from "./lib/log.ts";
import { FactBook } from "./live/fact-book.ts";
import { Fleet } from "./live/fleet.ts";
import type { CollectorCost } from "./model/collector.ts";
import { entityKinds } from "./model/ids.ts";
import type { MetricsStore } from "./model/store.ts";
import { isLoopbackName } from "./serve/http/hosts.ts";
import { createServer } from "./serve/server.ts";
import { lockDataDir, openState, openStore, type State, type StoreControl } from "./store/index.ts";

export type { DemoOptions } from "./app/demo-cluster.ts";
export type { ConfigAccess } from "./app/reloader.ts";

export interface ServiceOptions {
  readonly settings: Settings;
  /** Given: a simulated cluster takes the place of the configured ones. */
  readonly demo: DemoOptions | null;
  /** How to read the configuration again; null where there is none, as in the demo. */
  readonly config: ConfigAccess | null;
  readonly version: string;
  readonly log: Log;
  /** The newest lines of the log, for a support bundle. */
  readonly recentLog: () => readonly string[];
  readonly clock: Clock;
}

export interface Service {
  /** Without a trailing slash. */
  readonly url: string;
  /** One-time link for the first administrator; null when there is a user, or nobody needs one (demo). */
  readonly setupLink: string | null;
  /** Resolves when the service has ended, by itself or by `close`. */
  readonly closed: Promise<void>;
  close(reason: string): Promise<void>;
  /** Takes up a changed configuration. Throws what is wrong with it, and then goes on with the old one. */
  reload(): ReloadReport;
}

/** Values older than this are not shown as the latest after a restart. */
const restoreLatestMs = 24 * 3_600_000;

/** Starts everything. What was started is taken down again when a later part fails. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const closers = new Closers(options.log);
  try {
    return await compose(options, closers);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function compose(options: ServiceOptions, closers: Closers): Promise<Service> {
  const { settings, demo, version, log, clock } = options;
  const parts = await openParts(options, closers);
  const { fleet, store, state, keeper, factKeeper, readiness } = parts;
  const clusters = demo === null ? settings.clusters : [await openDemo(demo, state, closers)];
  const { known, factReads, pushed } = await restore(parts, clusters, clock);
  const analysis = await openAnalysis({
    ...parts,
    settings: analysisSettings(settings, clusters),
    clock,
    log: log.child({ part: "analysis" }),
  });
  parts.push.learn(clusters);
  const costs = new Map<string, CollectorCost>();
  closers.own("sinks' tags", tellSinks(fleet, store.sinkFeed, log), (stop) => {
    stop();
    return Promise.resolve();
  });
  const { url, metricsText } = await openServer(
    options,
    parts,
    analysis,
    () => costMetrics([...costs.values()]),
    closers,
  );

  let ended: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const close = async (reason: string): Promise<void> => {
    log.info({ reason }, "stopping");
    readiness.stop();
    keeper.add(entityKinds.flatMap((kind) => fleet.list(kind, { gone: true }).map((live) => live.entity)));
    await closers.closeAll();
    ended();
  };
  const collector = startCollector({
    clusters: clusters.map((cluster) => clusterStart(cluster, demo !== null)),
    known,
    facts: demo === null ? settings.facts : demoFactSettings,
    factReads,
    pushed,
    storePort: store.port(),
    log: log.child({ part: "collect" }),
    onBatch: (batch) => {
      fleet.applyBatch(batch);
      readiness.sampled();
    },
    onEvent: (event) => {
      if (event.type === "cost") costs.set(event.cost.cluster, event.cost);
      fleet.applyEvent(event);
      keeper.take(event);
      factKeeper.take(event);
    },
    onCrash: (error) => {
      log.error({ err: error }, "the collector has failed");
      void close("the collector has failed");
    },
  });
  closers.own("collector", collector, (part) => part.stop());
  parts.push.opensTo(collector);
  const set = new ClusterSet({
    collector,
    fleet,
    keeper,
    factKeeper,
    factReads: async (id) => (await state.facts.load(id)).reads,
    restore: (some) => restore(parts, some, clock),
    pushed: (id, some) => pushedBefore(store, id, some),
    forgotten: async (id) => {
      costs.delete(id);
      await state.findings.forget(id);
    },
  });
  const reloader = new Reloader({
    config: options.config,
    apply: async (changes) => {
      parts.push.learn(changes.clusters);
      await set.apply(changes);
      await analysis.analyst.configure(analysisSettings(settings, changes.clusters));
    },
    problems: fleet.problemList,
    log: log.child({ part: "config" }),
  });
  const reload = (): ReloadReport => reloader.reload();
  const housekeeping = new Housekeeping({
    jobs: [...storeJobs(store, clock), ...eventJobs(settings, parts), ...analysis.jobs],
    report: (job) => fleet.setJob(job),
    ended: analysis.ended,
    before: analysis.before,
    clock,
    log,
  });
  const endCatchUp = analysis.start(housekeeping);
  closers.own("housekeeping", housekeeping, async (part) => {
    endCatchUp();
    // A run of minutes is not waited for. It counts as not run, so that it is caught up after the next start.
    const stopped = part.stop();
    await analysis.analyst.close();
    await stopped;
  });
  const methods = controlMethods({
    ...state,
    fleet,
    store,
    copies: store.copies,
    analysis: analysis.port,
    clock,
    url,
    version,
    dataDir: settings.dataDir,
    reload,
    metricsText,
    recentLog: options.recentLog,
  });
  closers.own("control socket", await serveControl(settings.dataDir, methods, log), (part) => part.close());
  // The demo shows itself to this machine without an account; to others, as from a container, it does not.
  const isOpen = demo !== null && isLoopbackName(settings.server.host);
  return { url, setupLink: isOpen ? null : await firstSetupLink(state, url), closed, close, reload };
}

interface Parts {
  readonly state: State;
  readonly store: MetricsStore & StoreControl;
  readonly fleet: Fleet;
  readonly keeper: StateKeeper;
  readonly book: FactBook;
  readonly factKeeper: FactKeeper;
  readonly readiness: Readiness;
  readonly push: PushDoor;
}

/** Everything that lies in the data directory, which is locked first. */
async function openParts({ settings, log, clock }: ServiceOptions, closers: Closers): Promise<Parts> {
  const { dataDir } = settings;
  closers.own("lock", await lockDataDir(dataDir, clock), (part) => part.release());
  const state = await openState({ path: join(dataDir, stateFileName), clock });
  closers.own("state", state, (part) => part.close());
  const fleet = new Fleet(clock);
  const { rawDays, fiveMinuteDays, hourlyDays, journalMaxBytes, memoryLimitMb } = settings.store;
  const store = await openStore({
    dataDir,
    log: log.child({ part: "store" }),
    problems: fleet.problemList,
    memoryLimit: `${memoryLimitMb}MB`,
    journalMaxBytes,
    retention: { rawDays, fiveMinuteDays, hourDays: hourlyDays },
    ...sinkOptions(settings),
  });
  closers.own("store", store, (part) => part.close());
  const keeper = closers.own("keeper", new StateKeeper(state, fleet.problemList, log), (part) => part.close());
  const book = new FactBook();
  const factKeeper = new FactKeeper({ state, book, fleet, problems: fleet.problemList, clock, log });
  closers.own("fact keeper", factKeeper, (part) => part.close());
  return { state, store, fleet, keeper, book, factKeeper, readiness: new Readiness(store), push: new PushDoor() };
}

async function openDemo(wish: DemoOptions, state: State, closers: Closers): Promise<ClusterSettings> {
  const before = (await state.entities.load(demoClusterId)).find((entity) => entity.kind === "cluster");
  const demo = await startDemoCluster(wish, before?.firstSeenAt);
  return closers.own("simulator", demo, (part) => part.close()).settings;
}

/** Shows what was there before this start; returns the entities that were known, and when slow facts were read. */
async function restore(
  { state, store, fleet, book, factKeeper }: Parts,
  clusters: readonly ClusterSettings[],
  clock: Clock,
): Promise<KnownBefore> {
  const known = (await Promise.all(clusters.map(({ id }) => state.entities.load(id)))).flat();
  const since = clock.now() - restoreLatestMs;
  const latest = await Promise.all(entityKinds.map((kind) => store.latest(kind, since)));
  // The others, which may be running already, have newer values than what is stored.
  const ids = new Set(known.map((entity) => entity.id));
  fleet.restore(
    known,
    latest.flat().filter(({ id }) => ids.has(id)),
  );
  for (const { id } of clusters) fleet.restoreTasks(await state.tasks.load(id));
  const facts = await Promise.all(clusters.map(({ id }) => state.facts.load(id)));
  const factReads = facts.flatMap(({ reads }) => reads);
  book.restoreReads(factReads);
  book.restore(facts.flatMap((part) => part.facts));
  factKeeper.judge();
  const pushed = await Promise.all(clusters.map(({ id }) => pushedBefore(store, id, known)));
  return { known, factReads, pushed: pushed.flat() };
}

async function openServer(
  { settings, demo, version, log, clock }: ServiceOptions,
  { fleet, store, state, book, readiness, push }: Parts,
  analysis: Analysis,
  metrics: () => string,
  closers: Closers,
): Promise<{ readonly url: string; readonly metricsText: () => Promise<string> }> {
  const server = await createServer({
    fleet,
    store,
    state,
    facts: book,
    history: state.facts,
    events: state.events,
    findings: state.findings,
    analysis: analysis.port,
    push,
    settings: { ...settings.server, demo: demo !== null, anonymousLoopbackRead: demo !== null, limits: {} },
    clock,
    log: log.child({ part: "serve" }),
    version,
    readiness: () => readiness.list(),
    sinkStates: () => readiness.sinks(),
    metricsText: () => Promise.resolve(metrics()),
    webRoot: fileURLToPath(new URL("../dist/web", import.meta.url)),
  });
  closers.own("server", server, (part) => part.close());
  const { url } = await server.listen();
  const shownUrl = (settings.server.publicUrl ?? url).replace(/\/$/, "");
  return { url: shownUrl, metricsText: () => server.metricsText() };
}

async function firstSetupLink({ users, setupLinks }: State, url: string): Promise<string | null> {
  if ((await users.count()) > 0) return null;
  return `${url}/setup#token=${(await setupLinks.create()).reveal()}`;
}
