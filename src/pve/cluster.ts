// One Proxmox VE cluster as its API shows it: asks within a budget, trusts only what is proven, moves to another
// endpoint when one fails, and repeats what may be repeated (GET only).
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { ClusterId } from "../model/ids.ts";
import { type AccessWay, credentialOf } from "./auth-way.ts";
import type { BudgetUse } from "./budget-meter.ts";
import type { EndpointState } from "./endpoint.ts";
import { Endpoints, type LearnedMember, type Route } from "./endpoints.ts";
import { PveAnswerError, PveError, PveOverloadedError, PveUnreachableError, type UnreachableStage } from "./errors.ts";
import { defaultLimits, type PveLimits } from "./limits.ts";
import { preview } from "./read.ts";
import type { AnswerReader, EmittedRequest, PveAnswer, PveGet, PvePost } from "./request.ts";
import { type Call, Deadline, Sender } from "./sender.ts";
import { proofOf, type Trust } from "./trust.ts";
import { parseUpid } from "./upid.ts";

/** How to sign in is one of two: `token`, or `login` where there is none. */
export type PveOptions = PveTarget & AccessWay;

export interface PveTarget {
  readonly cluster: ClusterId;
  /** https://host:8006, one or more. */
  readonly endpoints: readonly string[];
  readonly trust: Trust;
  readonly limits?: Partial<PveLimits>;
  readonly clock: Clock;
  /** 0…1, for the pause before a repetition. */
  readonly random?: () => number;
  readonly log: Log;
  /** Hears of every request before it goes out; for tests that check them. */
  readonly onRequest?: (request: EmittedRequest) => void;
}

export interface PveStats {
  readonly requests: number;
  readonly failedRequests: number;
  readonly retries: number;
  /** Bytes of bodies on the wire, and after inflation. */
  readonly receivedBytes: number;
  readonly bodyBytes: number;
  readonly queued: number;
  readonly inFlight: number;
  readonly use: BudgetUse;
}

const mostRepeats = 2;

export class PveCluster {
  readonly cluster: ClusterId;
  readonly clock: Clock;
  readonly #options: PveOptions;
  readonly #endpoints: Endpoints;
  readonly #sender: Sender;
  #retries = 0;

  /** Connects to nothing. Throws a ConfigError for an endpoint, fingerprint, token or user that cannot be one. */
  constructor(options: PveOptions) {
    const credential = credentialOf(options, options.clock);
    this.cluster = options.cluster;
    this.clock = options.clock;
    this.#options = options;
    const limits = { ...defaultLimits, ...options.limits };
    const { connectTimeoutMs, inFlightPerNode, breakerFailures, breakerOpenMs } = limits;
    this.#endpoints = new Endpoints({
      urls: options.endpoints,
      proof: proofOf(options.trust),
      connectTimeoutMs,
      connections: inFlightPerNode,
      breaker: { failures: breakerFailures, openMs: breakerOpenMs, clock: options.clock },
    });
    this.#sender = new Sender({ ...options, credential, limits, endpoints: this.#endpoints });
  }

  /**
   * Signs in in another way from now on: nothing is given up, and a minute's pause after a 401 ends. Throws a
   * ConfigError, and then goes on as before.
   */
  signInWith(way: AccessWay): void {
    this.#sender.use(credentialOf(way, this.clock));
  }

  /** Throws a PveError; which class says what happens next. */
  async get<T>(spec: PveGet<T>): Promise<PveAnswer<T>> {
    const { path, query = {}, node, direct, forwards, priority = "poll", timeoutMs, signal } = spec;
    const isExport = spec.kind === "export";
    const how = { node, direct, forwards, priority, isExport, timeoutMs, signal };
    const call: Call = { method: "GET", path, parameters: query, ...how };
    return this.#repeatedly(call, spec);
  }

  /**
   * Starts something and returns its task id. Sent once, whatever happens: after a PveUnreachableError it is unknown
   * whether it was carried out.
   */
  async post({ path, body = {}, node, signal }: PvePost): Promise<PveAnswer<string>> {
    const call: Call = {
      method: "POST",
      path,
      parameters: body,
      node,
      priority: "interactive",
      isExport: false,
      signal,
    };
    const route = this.#endpoints.route(call, new Set());
    const deadline = new Deadline(this.clock);
    const answer = await this.#sender.ask(call, { route, deadline, counts: true }, { read: (data) => data });
    const { data } = answer;
    if (typeof data === "string" && parseUpid(data) !== undefined) return { ...answer, data };
    const message = `${answer.endpoint} accepted ${path}, but answered with ${preview(data)} instead of a task id.`;
    throw new PveAnswerError(message, { endpoint: answer.endpoint, path });
  }

  /**
   * Takes up the members of the cluster, from /cluster/status: each is then asked at its own address. `answeredBy` is
   * the endpoint that gave the list; with it, the member marked `local` names the node behind that endpoint.
   */
  learn(members: readonly LearnedMember[], answeredBy?: string): void {
    this.#endpoints.learn(members, answeredBy);
  }

  /** Takes up the certificates of members, from `GET /nodes` of a trusted endpoint. */
  learnFingerprints(nodes: readonly { readonly name: string; readonly sha256: string | undefined }[]): void {
    this.#endpoints.learnFingerprints(nodes);
  }

  /** Whether a node is asked at its own address; otherwise another one forwards, which `direct` calls do not allow. */
  reaches(node: string): "direct" | "forwarded" {
    return this.#endpoints.reaches(node) ? "direct" : "forwarded";
  }

  endpoints(): readonly EndpointState[] {
    return this.#endpoints.states();
  }

  stats(): PveStats {
    return { ...this.#sender.stats(), retries: this.#retries };
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#sender.close();
    await this.#endpoints.close();
  }

  /** One try, then at most two repetitions; moving on from an endpoint that could not be connected to counts as none. */
  async #repeatedly<T>(call: Call, reader: AnswerReader<T>): Promise<PveAnswer<T>> {
    const tried = new Set<Route["endpoint"]>();
    const deadline = new Deadline(this.clock);
    let repeats = 0;
    let route = this.#endpoints.route(call, tried);
    for (;;) {
      const counts = !tried.has(route.endpoint);
      tried.add(route.endpoint);
      try {
        return await this.#sender.ask(call, { route, deadline, counts }, reader);
      } catch (error) {
        const movesOn = wasNotSent(error) && this.#endpoints.hasUntried(call, tried);
        if (!movesOn && (!mayRepeat(error) || ++repeats > mostRepeats)) throw error;
        const pauseMs = movesOn ? 0 : this.#pauseMs(repeats);
        if (deadline.leftOf(this.#sender.timeoutOf(call, route)) <= pauseMs) throw error;
        if (pauseMs > 0) await this.clock.sleep(pauseMs, call.signal);
        route = this.#nextRoute(call, tried, error);
        this.#retries++;
      }
    }
  }

  /** 0.15 to 0.45 s, then twice that: callers that failed together do not come back together. */
  #pauseMs(repeats: number): number {
    return 150 * 2 ** (repeats - 1) * (1 + 2 * (this.#options.random ?? Math.random)());
  }

  /** When there is nobody left to ask, the failure that led there says more than that. */
  #nextRoute(call: Call, tried: ReadonlySet<Route["endpoint"]>, failure: unknown): Route {
    try {
      return this.#endpoints.route(call, tried);
    } catch {
      throw failure;
    }
  }
}

const stageOf = (error: unknown): UnreachableStage | null =>
  error instanceof PveUnreachableError ? error.stage : null;

const wasNotSent = (error: unknown): boolean => stageOf(error) === "connect" || stageOf(error) === "unasked";

const mayRepeat = (error: unknown): boolean =>
  error instanceof PveError &&
  error.retryable &&
  !(error instanceof PveOverloadedError) &&
  stageOf(error) !== "unasked";
