// The composition root: builds the parts, joins them, and takes them down in reverse order. Nothing else does.
//
//   collector thread ──batches──▶ store thread (journal, DuckDB)
//        └──batches, events──▶ fleet (the present) ──▶ server (API, stream, page)
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Closer, closeAll } from "./app/closers.ts";
import { clusterStart } from "./app/cluster-start.ts";
import { costMetrics } from "./app/cost-metrics.ts";
import { type DemoOptions, demoClusterId, startDemoCluster } from "./app/demo-cluster.ts";
import { startHousekeeping } from "./app/housekeeping.ts";
import { Readiness } from "./app/readiness.ts";
import { StateKeeper } from "./app/state-keeper.ts";
import { storeJobs } from "./app/store-jobs.ts";
import { adminMethods, stateFileName } from "./cli/admin.ts";
import { serveControl } from "./cli/control.ts";
import { startCollector } from "./collect/index.ts";
import type { ClusterSettings, Settings } from "./config/index.ts";
import type { Clock } from "./lib/clock.ts";
import type { Log } from "./lib/log.ts";
import { Fleet } from "./live/fleet.ts";
import type { CollectorCost } from "./model/collector.ts";
import { entityKinds } from "./model/ids.ts";
import { createServer } from "./serve/server.ts";
import { lockDataDir, openState, openStore } from "./store/index.ts";

export type { DemoOptions } from "./app/demo-cluster.ts";

export interface ServiceOptions {
  readonly settings: Settings;
  /** Given: a simulated cluster takes the place of the configured ones. */
  readonly demo: DemoOptions | null;
  readonly version: string;
  readonly log: Log;
  readonly clock: Clock;
}

export interface Service {
  readonly url: string;
  /** One-time link for the first administrator; null when there is a user, or nobody needs one (demo). */
  readonly setupLink: string | null;
  /** Resolves when the service has ended, by itself or by `close`. */
  readonly closed: Promise<void>;
  close(reason: string): Promise<void>;
}

/** Values older than this are not shown as the latest after a restart. */
const restoreLatestMs = 24 * 3_600_000;

/** Starts everything. What was started is taken down again when a later part fails. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const closers: Closer[] = [];
  try {
    return await compose(options, closers);
  } catch (error) {
    await closeAll(closers, options.log);
    throw error;
  }
}

async function compose({ settings, demo, version, log, clock }: ServiceOptions, closers: Closer[]): Promise<Service> {
  const own = <T>(name: string, part: T, close: (part: T) => Promise<void>): T => {
    closers.push({ name, close: () => close(part) });
    return part;
  };
  const { dataDir } = settings;
  own("lock", await lockDataDir(dataDir, clock), (lock) => lock.release());
  const state = own("state", await openState({ path: join(dataDir, stateFileName), clock }), (part) => part.close());
  const fleet = new Fleet(clock);
  const store = own(
    "store",
    await openStore({
      dataDir,
      log: log.child({ part: "store" }),
      problems: fleet.problemList,
      clock,
      memoryLimit: `${settings.store.memoryLimitMb}MB`,
      journalMaxBytes: settings.store.journalMaxBytes,
      retention: {
        rawDays: settings.store.rawDays,
        fiveMinuteDays: settings.store.fiveMinuteDays,
        hourDays: settings.store.hourlyDays,
      },
    }),
    (part) => part.close(),
  );
  const demoCluster = async (wish: DemoOptions): Promise<ClusterSettings> => {
    const before = (await state.entities.load(demoClusterId)).find((entity) => entity.kind === "cluster");
    return own("simulator", await startDemoCluster(wish, before?.firstSeenAt), (part) => part.close()).settings;
  };
  const keeper = own("state keeper", new StateKeeper(state, fleet.problemList, log), (part) => part.close());
  const clusters = demo === null ? settings.clusters : [await demoCluster(demo)];
  const known = (await Promise.all(clusters.map(({ id }) => state.entities.load(id)))).flat();
  const latest = await Promise.all(entityKinds.map((kind) => store.latest(kind, clock.now() - restoreLatestMs)));
  fleet.restore(known, latest.flat());
  for (const { id } of clusters) fleet.restoreTasks(await state.tasks.load(id));

  const costs = new Map<string, CollectorCost>();
  const reasons = new Readiness(store);
  const server = await createServer({
    fleet,
    store,
    state,
    settings: { ...settings.server, demo: demo !== null, anonymousLoopbackRead: demo !== null, limits: {} },
    clock,
    log: log.child({ part: "serve" }),
    version,
    readiness: () => reasons.list(),
    metricsText: () => Promise.resolve(costMetrics([...costs.values()])),
    webRoot: fileURLToPath(new URL("../dist/web", import.meta.url)),
  });
  own("server", server, (part) => part.close());
  const { url } = await server.listen();

  let ended: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const collector = startCollector({
    clusters: clusters.map((cluster) => clusterStart(cluster, demo !== null)),
    known,
    storePort: store.port(),
    log: log.child({ part: "collect" }),
    onBatch: (batch) => {
      fleet.applyBatch(batch);
      reasons.sampled();
    },
    onEvent: (event) => {
      if (event.type === "cost") costs.set(event.cost.cluster, event.cost);
      fleet.applyEvent(event);
      keeper.take(event);
    },
    onCrash: (error) => {
      log.error({ err: error }, "the collector has failed");
      void close("the collector has failed");
    },
  });
  own("collector", collector, (part) => part.stop());
  const housekeeping = startHousekeeping(storeJobs(store, clock), (job) => fleet.setJob(job), clock, log);
  own("housekeeping", housekeeping, (part) => part.stop());
  const publicUrl = (settings.server.publicUrl ?? url).replace(/\/$/, "");
  const methods = {
    ...adminMethods({ ...state, url: publicUrl }),
    status: () =>
      Promise.resolve({
        version,
        url: publicUrl,
        dataDir,
        pid: process.pid,
        problems: fleet.problems().filter((problem) => problem.clearedAt === null),
        jobs: fleet.jobs(),
      }),
  };
  own("control socket", await serveControl(dataDir, methods, log), (part) => part.close());

  const close = async (reason: string): Promise<void> => {
    log.info({ reason }, "stopping");
    reasons.stop();
    keeper.add(entityKinds.flatMap((kind) => fleet.list(kind, { gone: true }).map((live) => live.entity)));
    await closeAll(closers, log);
    ended();
  };
  const needsSetup = demo === null && (await state.users.count()) === 0;
  const setupLink = needsSetup ? `${publicUrl}/setup#token=${(await state.setupLinks.create()).reveal()}` : null;
  return { url: publicUrl, setupLink, closed, close };
}
