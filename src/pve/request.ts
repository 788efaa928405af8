// One question to a cluster, and its answer.
import type { Parameters } from "./path.ts";

/** Order in the queue of the request budget: a person waits, a poll has a period, the rest has time. */
export type Priority = "interactive" | "poll" | "background";

/** How an answer's body becomes what the caller wants. */
export interface AnswerReader<T> {
  /** Instead of parsing and `read`, from the whole body: a faster way to the same. undefined: it has to be parsed. */
  readonly readBytes?: (body: Buffer) => T | undefined;
  /** From `data` of the answer; what it throws becomes a PveAnswerError. */
  readonly read: (data: unknown) => T;
}

export interface PveGet<T> extends AnswerReader<T> {
  /** Below /api2/json, encoded: see pvePath. */
  readonly path: string;
  readonly query?: Parameters;
  /** Ask this node's own endpoint when it is known and trusted; otherwise any endpoint, which forwards the call. */
  readonly node?: string;
  /** With `node`: the answer is about whichever node is asked, so nobody else may be asked instead. */
  readonly direct?: boolean;
  /** The asked node asks others before it answers, so it may take as long as a forwarded call. */
  readonly forwards?: boolean;
  /** `poll` when it is not said. */
  readonly priority?: Priority;
  /** Metrics exports have a limit of their own on size and number. */
  readonly kind?: "export";
  /** For all tries together, from the first one sent. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface PvePost {
  readonly path: string;
  readonly body?: Parameters;
  /** As for a GET. */
  readonly node?: string;
  readonly signal?: AbortSignal;
}

export interface PveAnswer<T> {
  readonly data: T;
  /** URL of the endpoint that answered. */
  readonly endpoint: string;
  /** Name of the node that answered, when known. */
  readonly node: string | null;
  /** Bytes of the body on the wire. */
  readonly receivedBytes: number;
  /** Bytes of the body after inflation. */
  readonly bodyBytes: number;
  /** From sending to the last byte, of the try that succeeded. */
  readonly durationMs: number;
  readonly status: number;
}

/** A request as it leaves, for whoever checks what we send. */
export interface EmittedRequest {
  readonly method: "GET" | "POST";
  /** Below /api2/json, encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}
