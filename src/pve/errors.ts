// What can go wrong when we ask a Proxmox VE server. The class decides what happens next; the message is one sentence
// that says what is wrong, where, and what to do.
import { PilothouseError } from "../lib/errors.ts";

export interface PveErrorContext extends ErrorOptions {
  /** Address of the server, for instance https://pve1:8006. */
  readonly endpoint: string;
  /** Path of the call below /api2/json; empty when it did not come to a call. */
  readonly path?: string;
  /** HTTP status of PVE's answer. */
  readonly pveStatus?: number;
}

export abstract class PveError extends PilothouseError {
  override readonly status: number = 502;
  override readonly exitCode: number = 69;
  readonly endpoint: string;
  readonly path: string;
  readonly pveStatus: number | undefined;

  constructor(message: string, context: PveErrorContext) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.endpoint = context.endpoint;
    this.path = context.path ?? "";
    this.pveStatus = context.pveStatus;
  }
}

/**
 * How far a call came before it failed. `unasked`: it was not sent, because others failed before it. `forward`: the
 * server answered, but could not reach the node that was meant.
 */
export type UnreachableStage = "unasked" | "connect" | "answer" | "forward";

/** No answer: connection refused or cut, a timeout, or 595–599. Another endpoint is tried, then the call is repeated. */
export class PveUnreachableError extends PveError {
  readonly code = "PH_PVE_UNREACHABLE";
  override readonly retryable = true;
  readonly stage: UnreachableStage;

  constructor(message: string, context: PveErrorContext & { readonly stage: UnreachableStage }) {
    super(message, context);
    this.stage = context.stage;
  }
}

/** The server could not prove who it is. Nothing was sent to it; never repeated by itself. */
export class PveTrustError extends PveError {
  readonly code = "PH_PVE_TRUST";
  override readonly exitCode = 76;
  /** SHA-256 fingerprints: what was configured (null when trust is by certificate authority) and what was shown. */
  readonly expected: string | null;
  readonly got: string | null;

  constructor(message: string, context: PveErrorContext & { readonly expected?: string; readonly got?: string }) {
    super(message, context);
    this.expected = context.expected ?? null;
    this.got = context.got ?? null;
  }
}

/** 401: the token or password is wrong, expired or deleted. The cluster is not asked again for a minute. */
export class PveAuthError extends PveError {
  readonly code = "PH_PVE_AUTH";
  override readonly exitCode = 77;
  /** PVE's own words. */
  readonly text: string;
  /** The message names the account and what to do about it already. */
  readonly isExplained: boolean;

  constructor(message: string, context: PveErrorContext & { readonly text?: string; readonly isExplained?: boolean }) {
    super(message, context);
    this.text = context.text ?? "";
    this.isExplained = context.isExplained ?? false;
  }
}

/** 403: names the privilege and the path that are missing, where PVE says them. */
export class PvePermissionError extends PveError {
  readonly code = "PH_PVE_PERMISSION";
  override readonly exitCode = 77;
  /** For instance "Sys.Audit" on "/". */
  readonly privilege: string | null;
  readonly objectPath: string | null;

  constructor(
    message: string,
    context: PveErrorContext & { readonly privilege?: string | undefined; readonly objectPath?: string | undefined },
  ) {
    super(message, context);
    this.privilege = context.privilege ?? null;
    this.objectPath = context.objectPath ?? null;
  }
}

/** Any other refusal, with PVE's own words. */
export class PveRefusedError extends PveError {
  readonly code = "PH_PVE_REFUSED";
  override readonly exitCode = 1;
  override readonly retryable: boolean;
  /** PVE's own words. */
  readonly text: string;
  /** PVE answers 500 with a sentence, not 404, when a guest, storage or file is not there (any more). */
  readonly isMissing: boolean;

  constructor(message: string, context: PveErrorContext & { readonly text: string }) {
    super(message, context);
    this.text = context.text;
    const status = context.pveStatus ?? 500;
    this.isMissing = status === 404 || (status === 500 && /does not exist|no such (?!file.*lock)/i.test(context.text));
    this.retryable = isPassing(status, context.text);
  }
}

/** An answer that is no answer: an HTML page, cut off, not JSON, another shape, or larger than the limit. */
export class PveAnswerError extends PveError {
  readonly code = "PH_PVE_ANSWER";
  override readonly exitCode = 76;
}

/** The server runs a release that we do not support. */
export class PveTooOldError extends PveError {
  readonly code = "PH_PVE_TOO_OLD";
}

/** Our own limits kept the call from being sent in time. */
export class PveOverloadedError extends PveError {
  readonly code = "PH_PVE_OVERLOADED";
  override readonly status = 503;
  override readonly exitCode = 75;
  override readonly retryable = true;
}

/** The caller gave up, or the client was closed. */
export class PveCancelledError extends PveError {
  readonly code = "PH_PVE_CANCELLED";
  override readonly status = 503;
}

/** Refusals that may pass by themselves within the second: an overloaded server or a lock that somebody holds briefly. */
function isPassing(status: number, said: string): boolean {
  if (status === 429 || status === 502 || status === 503 || status === 504) return true;
  return status === 500 && /timeout|timed out|try again/i.test(said);
}
