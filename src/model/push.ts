// What is pushed to us instead of polled, and what we say to it. The server takes it in, the collector reads it.
import type { ClusterId } from "./ids.ts";

/** influx: line protocol · otlp: OpenTelemetry's JSON. */
export type PushFormat = "influx" | "otlp";
export const pushPrecisions = ["ns", "us", "ms", "s"] as const;
/** The unit of a line's time. */
export type PushPrecision = (typeof pushPrecisions)[number];

export interface PushRequest {
  /** By the token that was shown; what a body says of its cluster counts for nothing. */
  readonly cluster: ClusterId;
  readonly format: PushFormat;
  readonly precision: PushPrecision;
  readonly gzipped: boolean;
  readonly body: ArrayBuffer;
}

/**
 * taken: all of it was readable · partly: what was readable is taken, the rest is said in `sentence` · malformed and
 * too-large: nothing is taken · not-ready: nothing can be taken now.
 */
export type PushOutcome = "taken" | "partly" | "malformed" | "too-large" | "not-ready";

export interface PushAnswer {
  readonly outcome: PushOutcome;
  /** One sentence on what is wrong; null when nothing is. */
  readonly sentence: string | null;
  /** Lines or data points that could not be read. */
  readonly refused: number;
}

/** Takes in what is pushed. */
export interface PushPort {
  /** Whose push token this is. */
  clusterOf(token: string): ClusterId | undefined;
  /** Resolves when what was taken is durable. */
  take(request: PushRequest): Promise<PushAnswer>;
}
