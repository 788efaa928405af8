// What the server is given, what its routes are handed, and what fastify's types learn from us.
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { DeclaredPermission } from "../model/access.ts";
import type { AnalysisPort } from "../model/analysis.ts";
import type { EventLog } from "../model/event.ts";
import type { FactHistory, FactsView } from "../model/facts.ts";
import type { FindingLog } from "../model/finding.ts";
import type { FleetView } from "../model/fleet.ts";
import type { PushPort } from "../model/push.ts";
import type { SinkStatus } from "../model/sink.ts";
import type { MetricsStore } from "../model/store.ts";
import type { Accounts } from "./accounts.ts";
import type { Identity } from "./auth/authenticate.ts";
import type { OwnMetrics } from "./own-metrics.ts";
import type { ServeLimits, ServeSettings } from "./settings.ts";
import type { StreamHub } from "./stream/stream-hub.ts";

export interface ServeDeps {
  readonly fleet: FleetView;
  readonly store: Pick<MetricsStore, "range" | "latest" | "quantiles" | "trend" | "totals" | "stats" | "capabilities">;
  readonly state: Accounts;
  readonly facts: FactsView;
  readonly history: FactHistory;
  readonly events: EventLog;
  readonly findings: FindingLog;
  readonly analysis: AnalysisPort;
  readonly push: PushPort;
  readonly settings: ServeSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Why the service is not ready; empty when it is. */
  readonly readiness: () => readonly string[];
  /** The state of each sink, for /readyz. */
  readonly sinkStates: () => readonly Pick<SinkStatus, "name" | "state">[];
  /** Further lines for /metrics, in Prometheus text format. */
  readonly metricsText: () => Promise<string>;
  /** The folder of the built page. */
  readonly webRoot: string;
}

export interface ServeContext extends ServeDeps {
  readonly limits: ServeLimits;
  readonly metrics: OwnMetrics;
  readonly stream: StreamHub;
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** One file of routes; it adds them to `app`, which is already below the base path. */
export type Routes = (app: App, context: ServeContext) => void;

declare module "fastify" {
  interface FastifyContextConfig {
    permission?: DeclaredPermission;
    /** A token may stand in the address as `p`, for clients of InfluxDB 1.x. */
    tokenInAddress?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; null when nobody is signed in, or when what was shown is not valid. */
    identity: Identity | null;
  }
  interface FastifySchema {
    summary?: string;
    description?: string;
    tags?: readonly string[];
  }
}
