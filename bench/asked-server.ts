// Our API over a data directory that holds a month of guests: store thread, fleet and HTTP server as the service has
// them, without a collector.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../src/lib/log.ts";
import { FactBook } from "../src/live/fact-book.ts";
import { Fleet } from "../src/live/fleet.ts";
import type { LatestValue } from "../src/model/store.ts";
import { createServer } from "../src/serve/server.ts";
import { openState, openStore } from "../src/store/index.ts";
import { aCluster, aGuest } from "../test/build.ts";
import { type FleetData, guestCount } from "./fleet-data.ts";

export interface AskedServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The clock of the API stands at the end of the data, so that "-30d" means what was built. */
export async function askedServer({ directory, endMs }: FleetData): Promise<AskedServer> {
  const clock = { now: () => endMs, monotonic: () => performance.now(), sleep: () => Promise.resolve() };
  const fleet = new Fleet(clock);
  const store = await openStore({ dataDir: directory, log: silentLog, problems: fleet.problemList });
  const entities = Array.from({ length: guestCount }, (_, i) =>
    aGuest("bench", 100 + i, endMs, { node: `pve${1 + (i % 16)}` }),
  );
  const latest: LatestValue[] = [...(await store.latest("guest", endMs - 600_000))];
  fleet.restore([aCluster("bench", endMs), ...entities], latest);
  const state = await openState({ path: join(directory, "state.db"), clock });
  const server = await createServer({
    fleet,
    store,
    state,
    facts: new FactBook(),
    history: state.facts,
    events: state.events,
    push: { clusterOf: () => undefined, take: () => Promise.reject(new Error("nobody has a push token here")) },
    sinkStates: () => [],
    settings: {
      host: "127.0.0.1",
      port: 0,
      tls: null,
      publicUrl: null,
      basePath: "",
      trustedProxies: [],
      allowedHosts: [],
      demo: false,
      anonymousLoopbackRead: true,
      limits: { requestsPerMinute: 1e9 },
    },
    clock,
    log: silentLog,
    version: "bench",
    readiness: () => [],
    metricsText: () => Promise.resolve(""),
    webRoot: join(tmpdir(), "pilothouse-no-such-page"),
  });
  const url = (await server.listen()).url.replace(/\/$/, "");
  return {
    url,
    close: async () => {
      await server.close();
      await store.close();
      await state.close();
    },
  };
}
