// One try of a call: waits for its turn, makes sure that it may go out, sends it, and tells everybody how it went.
import { setMaxListeners } from "node:events";
import type { Clock } from "../lib/clock.ts";
import { freeBuffers } from "../lib/free-buffer.ts";
import type { Log } from "../lib/log.ts";
import { checkStatus, parseAnswer } from "./answer.ts";
import type { Credential, ProofHeaders, SignIn } from "./auth-credential.ts";
import { AuthGate } from "./auth-gate.ts";
import { Budget } from "./budget.ts";
import type { BudgetUse } from "./budget-meter.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Endpoints, Route } from "./endpoints.ts";
import { PveAuthError, type PveError, PvePermissionError, PveTrustError, PveUnreachableError } from "./errors.ts";
import type { PveLimits } from "./limits.ts";
import { encodeParameters, type Parameters, showParameters } from "./path.ts";
import type { AnswerReader, EmittedRequest, Priority, PveAnswer } from "./request.ts";
import { exchange, type WireAnswer, type WireRequest } from "./transport.ts";

export interface Call {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly parameters: Parameters;
  readonly node?: string | undefined;
  readonly direct?: boolean | undefined;
  readonly forwards?: boolean | undefined;
  readonly priority: Priority;
  readonly isExport: boolean;
  /** False for a POST that starts nothing. */
  readonly acts?: boolean;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Attempt {
  readonly route: Route;
  readonly deadline: Deadline;
  /** False when the same call has failed at this endpoint before: a breaker counts calls, not tries. */
  readonly counts: boolean;
}

export interface SenderOptions {
  readonly credential: Credential;
  readonly limits: PveLimits;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  readonly log: Log;
  readonly onRequest?: (request: EmittedRequest) => void;
}

const signInPath = "/access/ticket";

/** The time for all tries of a call, from the moment the first may go out. */
export class Deadline {
  readonly #clock: Clock;
  #startedAt: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  leftOf(timeoutMs: number): number {
    this.#startedAt ??= this.#clock.monotonic();
    return timeoutMs - (this.#clock.monotonic() - this.#startedAt);
  }
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #budget: Budget;
  readonly #gate: AuthGate;
  #credential: Credential;
  readonly #closing = new AbortController();
  readonly #counts = { requests: 0, failedRequests: 0, receivedBytes: 0, bodyBytes: 0 };

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#credential = options.credential;
    this.#budget = new Budget(options.limits, options.clock);
    this.#gate = new AuthGate(options.clock);
    // Every call under way listens to it.
    setMaxListeners(0, this.#closing.signal);
  }

  async ask<T>(call: Call, attempt: Attempt, reader: AnswerReader<T>): Promise<PveAnswer<T>> {
    const { endpoint } = attempt.route;
    const { wire, durationMs } = await this.#proven(call, attempt);
    const { receivedBytes, status, body } = wire;
    const data = this.#counting(() => parseAnswer(body, reader, { endpoint: endpoint.url, path: call.path }));
    if (call.node === undefined) this.#options.endpoints.answered(endpoint);
    const bodyBytes = body.length;
    // Readers make values of their own: nobody looks at the bytes again.
    freeBuffers(body);
    return { data, endpoint: endpoint.url, node: endpoint.node, receivedBytes, bodyBytes, durationMs, status };
  }

  timeoutOf({ timeoutMs, forwards = false }: Call, { via }: Route): number {
    const { limits } = this.#options;
    return timeoutMs ?? (via !== null || forwards ? limits.forwardedTimeoutMs : limits.timeoutMs);
  }

  stats(): {
    requests: number;
    failedRequests: number;
    receivedBytes: number;
    bodyBytes: number;
    queued: number;
    inFlight: number;
    use: BudgetUse;
  } {
    return { ...this.#counts, queued: this.#budget.queued, inFlight: this.#budget.inFlight, use: this.#budget.use() };
  }

  /** From now on calls go out with this; what is under way with the old one and is refused goes out again. */
  use(credential: Credential): void {
    this.#credential = credential;
    this.#gate.accepted();
  }

  close(): void {
    this.#closing.abort();
    this.#budget.close();
  }

  /** Signs in where that is needed and sends; after a 401 once more, when there is a newer proof by then. */
  async #proven(call: Call, attempt: Attempt): Promise<Received> {
    this.#gate.check();
    const credential = this.#credential;
    const signIn = this.#signInAt(attempt);
    const used: { proof: ProofHeaders } = { proof: {} };
    const prove = (): ProofHeaders => (used.proof = this.#credential.prove(call.method));
    try {
      await credential.prepare(signIn);
      try {
        return await this.#inTurn(call, attempt, prove);
      } catch (error) {
        if (!(error instanceof PveAuthError)) throw error;
        const isNewer = this.#credential !== credential || (await credential.renew(used.proof, signIn));
        if (!isNewer) throw error;
        return await this.#inTurn(call, attempt, prove);
      }
    } catch (error) {
      if (!(error instanceof PveAuthError)) throw error;
      const refusal = this.#credential.refused(error);
      this.#gate.refused(refusal);
      throw refusal;
    }
  }

  /** A sign-in goes to the endpoint of the call that needs it, which has proven who it is, and is a call like others. */
  #signInAt({ route, counts }: Attempt): SignIn {
    const { endpoint } = route;
    return async (parameters) => {
      const call: Call = {
        method: "POST",
        path: signInPath,
        parameters,
        priority: "interactive",
        isExport: false,
        acts: false,
      };
      const attempt = { route: { endpoint, via: null }, deadline: new Deadline(this.#options.clock), counts };
      const { wire } = await this.#inTurn(call, attempt, () => ({}));
      const where = { endpoint: endpoint.url, path: signInPath };
      const data = this.#counting(() => parseAnswer(wire.body, { read: (answered) => answered }, where));
      return { data, endpoint: endpoint.url };
    };
  }

  async #inTurn(call: Call, { route, deadline, counts }: Attempt, prove: () => ProofHeaders): Promise<Received> {
    this.#gate.check();
    const { clock, endpoints } = this.#options;
    const timeoutMs = this.timeoutOf(call, route);
    const maxWaitMs = call.priority === "background" ? Number.POSITIVE_INFINITY : timeoutMs;
    const release = await this.#budget.acquire({ ...call, endpoint: route.endpoint.url, maxWaitMs });
    try {
      // While it waited, others may have found out that it need not be tried.
      this.#gate.pass();
      endpoints.enter(call, route);
      const startedAt = clock.monotonic();
      const wire = await this.#blaming(route, counts, () =>
        this.#send(call, route.endpoint, deadline.leftOf(timeoutMs), prove()),
      );
      return { wire, durationMs: clock.monotonic() - startedAt };
    } finally {
      release();
    }
  }

  /** Runs one try and tells the breakers how it went. */
  async #blaming<T>({ endpoint, via }: Route, counts: boolean, send: () => Promise<T>): Promise<T> {
    try {
      const answer = await send();
      via?.ok();
      return answer;
    } catch (error) {
      const blamed = blameOf(error, via !== null);
      if (blamed.endpoint !== null && counts) this.#failed(endpoint, blamed.endpoint);
      else endpoint.breaker.withdraw();
      if (blamed.node !== null && counts) via?.fail(blamed.node);
      else via?.withdraw();
      throw error;
    }
  }

  #failed(endpoint: Endpoint, error: PveError): void {
    const before = endpoint.breaker.state;
    endpoint.fail(error);
    if (before === "closed" && endpoint.breaker.state === "open") {
      this.#options.log.warn({ endpoint: endpoint.url, err: error }, "endpoint is left alone for a while");
    }
  }

  async #send(call: Call, endpoint: Endpoint, leftMs: number, proof: ProofHeaders): Promise<WireAnswer> {
    const request = this.#wireRequest(call, endpoint.url, leftMs, proof);
    this.#report(call);
    this.#counts.requests++;
    try {
      const wire = await exchange(endpoint.pool, request);
      this.#counts.receivedBytes += wire.receivedBytes;
      this.#counts.bodyBytes += wire.body.length;
      // Any answer shows that the endpoint itself lives; 595–599 are about the node behind it.
      endpoint.ok();
      checkStatus({ endpoint: endpoint.url, path: call.path, ...wire });
      this.#gate.accepted();
      return wire;
    } catch (error) {
      this.#counts.failedRequests++;
      if (error instanceof PvePermissionError) this.#gate.accepted();
      throw error;
    }
  }

  #wireRequest(call: Call, endpoint: string, timeoutMs: number, proof: ProofHeaders): WireRequest {
    const { method, path, parameters, isExport, signal } = call;
    const { limits } = this.#options;
    const encoded = encodeParameters(parameters);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    return {
      endpoint,
      path,
      target: `/api2/json${path}${method === "GET" && encoded !== "" ? `?${encoded}` : ""}`,
      method,
      acts: call.acts ?? method === "POST",
      headers: {
        ...proof,
        accept: "application/json",
        "accept-encoding": "gzip",
        "user-agent": "pilothouse",
        ...(method === "POST" ? form : {}),
      },
      ...(method === "POST" ? { body: encoded } : {}),
      timeoutMs,
      maxBodyBytes: isExport ? limits.maxExportBytes : limits.maxBodyBytes,
      signals: signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal],
    };
  }

  #report({ method, path, parameters }: Call): void {
    const sent = showParameters(parameters);
    const [query, body] = method === "GET" ? [sent, {}] : [{}, sent];
    this.#options.onRequest?.({ method, path, query, body });
  }

  #counting<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      this.#counts.failedRequests++;
      throw error;
    }
  }
}

interface Received {
  readonly wire: WireAnswer;
  readonly durationMs: number;
}

interface Blame {
  readonly endpoint: PveError | null;
  /** The node that the endpoint forwards to. */
  readonly node: PveError | null;
}
const nobody: Blame = { endpoint: null, node: null };

/** Whom a failure says something about. A refusal, or our own limits, say nothing about either. */
function blameOf(error: unknown, forwarded: boolean): Blame {
  if (error instanceof PveTrustError) return { endpoint: error, node: null };
  if (!(error instanceof PveUnreachableError)) return nobody;
  if (error.stage === "connect") return { endpoint: error, node: null };
  if (forwarded) return { endpoint: null, node: error };
  return error.stage === "answer" ? { endpoint: error, node: null } : nobody;
}
