// How the server is to be run, as the configuration says it, and the limits that keep one client from harming the rest.

export interface ServeLimits {
  /** Per signed-in principal, or per address where nobody is signed in. */
  readonly requestsPerMinute: number;
  /** Stream connections have a bucket of their own, so that a reconnecting page does not lock out its own requests. */
  readonly upgradesPerMinute: number;
  /** Per cluster that pushes: up to 5 bodies per node in ten seconds. */
  readonly pushesPerMinute: number;
  /** On the wire; what it may be once inflated the collector says. */
  readonly pushBytes: number;
  readonly concurrentPushes: number;
  readonly bodyBytes: number;
  readonly urlBytes: number;
  readonly headerBytes: number;
  readonly pointsPerSeries: number;
  readonly seriesPerQuery: number;
  /** Of one answer, all series together. */
  readonly pointsPerQuery: number;
  readonly concurrentQueries: number;
  readonly waitingQueries: number;
  readonly queryTimeoutMs: number;
  readonly streamClients: number;
  /** What may wait in the process for one stream client before it skips to the latest. */
  readonly streamBufferedBytes: number;
  readonly streamMessagesPerSecond: number;
  readonly streamTopics: number;
  readonly streamFrameBytes: number;
  readonly streamPingMs: number;
  readonly streamPongMs: number;
  /** Changes within this time go out as one frame. */
  readonly streamCoalesceMs: number;
  readonly streamRingFrames: number;
  readonly streamRingBytes: number;
  /** How often open streams are checked for an ended session or a revoked token. */
  readonly streamRecheckMs: number;
}

export const defaultLimits: ServeLimits = {
  requestsPerMinute: 300,
  upgradesPerMinute: 60,
  pushesPerMinute: 6_000,
  pushBytes: 32 * 1024 * 1024,
  concurrentPushes: 16,
  bodyBytes: 64 * 1024,
  urlBytes: 16 * 1024,
  headerBytes: 32 * 1024,
  pointsPerSeries: 20_000,
  seriesPerQuery: 200,
  pointsPerQuery: 1_000_000,
  concurrentQueries: 8,
  waitingQueries: 64,
  queryTimeoutMs: 20_000,
  streamClients: 2_000,
  streamBufferedBytes: 1024 * 1024,
  streamMessagesPerSecond: 20,
  streamTopics: 200,
  streamFrameBytes: 64 * 1024,
  streamPingMs: 15_000,
  streamPongMs: 30_000,
  streamCoalesceMs: 250,
  streamRingFrames: 256,
  streamRingBytes: 8 * 1024 * 1024,
  streamRecheckMs: 4_000,
};

export interface ServeSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** The address under which people reach the service, for instance behind a proxy. */
  readonly publicUrl: string | null;
  /** "" or "/something"; everything is served below it. */
  readonly basePath: string;
  /** Addresses and CIDR ranges whose X-Forwarded-* headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Further names that may stand in the Host header. */
  readonly allowedHosts: readonly string[];
  readonly demo: boolean;
  /** Anyone on this machine may read without signing in. */
  readonly anonymousLoopbackRead: boolean;
  readonly limits: Partial<ServeLimits>;
}
