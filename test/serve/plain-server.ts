// A server of the API around a store, with nothing else: anybody on the loopback may read, nobody may push.
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { FactBook } from "../../src/live/fact-book.ts";
import type { Fleet } from "../../src/live/fleet.ts";
import type { MetricsStore } from "../../src/model/store.ts";
import { createServer } from "../../src/serve/server.ts";
import { openState, type StoreControl } from "../../src/store/index.ts";
import { noAnalysis } from "./no-analysis.ts";

export interface PlainServer {
  /** Without a trailing slash. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

export async function plainServer(parts: {
  readonly fleet: Fleet;
  readonly store: MetricsStore & StoreControl;
  readonly clock: Clock;
  /** Where the state database lies. */
  readonly directory: string;
}): Promise<PlainServer> {
  const { fleet, store, clock, directory } = parts;
  const state = await openState({ path: join(directory, "state.db"), clock });
  const server = await createServer({
    fleet,
    store,
    state,
    facts: new FactBook(),
    history: state.facts,
    events: state.events,
    findings: state.findings,
    analysis: noAnalysis,
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
    version: "test",
    readiness: () => [],
    metricsText: () => Promise.resolve(""),
    webRoot: join(tmpdir(), "pilothouse-no-such-page"),
  });
  const url = (await server.listen()).url.replace(/\/$/, "");
  const close = async (): Promise<void> => {
    await server.close();
    await store.close();
    await state.close();
  };
  return { url, close };
}
