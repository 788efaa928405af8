// Every error that Pilothouse raises on purpose. The class decides what happens next, the code is for programs, the
// message for people: what is wrong, where, and what to do.

/** Base class: `status` is the HTTP status it maps to, `exitCode` what the command line ends with. */
export abstract class PilothouseError extends Error {
  abstract readonly code: string;
  readonly status: number = 500;
  readonly exitCode: number = 1;
  readonly retryable: boolean = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The configuration cannot be used; the message lists every problem. */
export class ConfigError extends PilothouseError {
  readonly code = "PH_CONFIG";
  override readonly exitCode = 78;
}

/** A wrong command line. */
export class UsageError extends PilothouseError {
  readonly code = "PH_USAGE";
  override readonly exitCode = 2;
}

/** A request that cannot be answered as asked; `issues` point at the offending fields. */
export class InputError extends PilothouseError {
  readonly code = "PH_INPUT";
  override readonly status: number = 400;
  readonly issues: readonly { readonly pointer: string; readonly message: string }[];

  constructor(message: string, issues: readonly { pointer: string; message: string }[] = [], options?: ErrorOptions) {
    super(message, options);
    this.issues = issues;
  }
}

/** A well-formed request that asks for more than the limits allow; the message names the limit. */
export class LimitError extends PilothouseError {
  readonly code = "PH_LIMIT";
  override readonly status = 422;
}

export class NotFoundError extends PilothouseError {
  readonly code = "PH_NOT_FOUND";
  override readonly status = 404;
}

export class UnauthenticatedError extends PilothouseError {
  readonly code = "PH_UNAUTHENTICATED";
  override readonly status = 401;
}

export class ForbiddenError extends PilothouseError {
  readonly code = "PH_FORBIDDEN";
  override readonly status = 403;
  override readonly exitCode = 77;
}

/** The data directory, the journal or a database cannot be used. */
export class StoreError extends PilothouseError {
  readonly code = "PH_STORE";
  override readonly status: number = 503;
  override readonly exitCode: number = 69;
  override readonly retryable: boolean = true;
}

/**
 * A sink does not take a batch. `refusal` says what follows: "passing" is tried again, "person" waits for somebody to
 * act and drops nothing, "malformed" is searched for the row that the sink can never take.
 */
export class SinkError extends PilothouseError {
  readonly code = "PH_SINK";
  override readonly status = 503;
  readonly refusal: "passing" | "person" | "malformed";
  /** The sink wants to be left alone for so long. */
  readonly retryAfterMs: number;

  constructor(
    message: string,
    refusal: SinkError["refusal"],
    { retryAfterMs = 0, ...options }: ErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.refusal = refusal;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Another process owns the data directory. */
export class LockedError extends PilothouseError {
  readonly code = "PH_LOCKED";
  override readonly status = 503;
  override readonly exitCode = 75;
}

/** A port or address cannot be listened on. */
export class ListenError extends PilothouseError {
  readonly code = "PH_LISTEN";
  override readonly exitCode = 69;
}

/** The message of anything that was thrown, with its causes, for a person. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return cause === "" || error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}
