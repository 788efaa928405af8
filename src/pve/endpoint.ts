// One address that a cluster is asked at: who is behind it, what it must prove, how it has fared, and its connections.
import { Pool } from "undici";
import { Breaker, type BreakerOptions, type BreakerState } from "./breaker.ts";
import { type PveError, PveTrustError, PveUnreachableError } from "./errors.ts";
import { judge, openTls, type Proof, targetOf } from "./tls.ts";

export interface EndpointState {
  readonly url: string;
  /** Name of the node behind it, when known. */
  readonly node: string | null;
  /** False for a member that the cluster told us of. */
  readonly configured: boolean;
  readonly breaker: BreakerState;
  /** One sentence, while it fails. */
  readonly lastError: string | null;
  /** Milliseconds since the epoch. */
  readonly lastOkAt: number | null;
}

export interface EndpointOptions {
  readonly url: string;
  readonly configured: boolean;
  readonly node: string | null;
  /** Asked anew for each connection; null when nothing makes this endpoint trusted. */
  readonly proof: () => Proof | null;
  readonly connectTimeoutMs: number;
  readonly connections: number;
  readonly breaker: BreakerOptions;
}

/** How long a member that never answered is left out, and its calls forwarded by others. */
const avoidMs = 300_000;

export class Endpoint {
  readonly url: string;
  readonly configured: boolean;
  readonly breaker: Breaker;
  node: string | null;
  /** Once two nodes have answered here (a floating address), nobody knows which one is next. */
  floating = false;
  lastOkAt: number | null = null;
  readonly #options: EndpointOptions;
  #avoidUntil = 0;
  #pool: Pool | null = null;

  constructor(options: EndpointOptions) {
    this.#options = options;
    this.url = options.url;
    this.configured = options.configured;
    this.node = options.node;
    this.breaker = new Breaker(options.breaker);
  }

  /** A member whose address cannot be reached from here, or that nothing proves, is not asked directly. */
  get usable(): boolean {
    return this.#options.proof() !== null && this.#options.breaker.clock.monotonic() >= this.#avoidUntil;
  }

  get pool(): Pool {
    // PVE closes an idle connection after 5 s; we must be the first, or a request meets the closing.
    this.#pool ??= new Pool(this.url, {
      connections: this.#options.connections,
      pipelining: 1,
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 4_000,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_, callback) => {
        this.#connect().then(
          (socket) => callback(null, socket),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
        );
      },
    });
    return this.#pool;
  }

  get state(): EndpointState {
    const { url, node, configured, breaker, lastOkAt } = this;
    return { url, node, configured, breaker: breaker.state, lastError: breaker.lastError?.message ?? null, lastOkAt };
  }

  ok(): void {
    this.breaker.ok();
    this.lastOkAt = this.#options.breaker.clock.now();
  }

  fail(error: PveError): void {
    this.breaker.fail(error);
    // A wrong pin stays an error, because somebody must look at it. An address that never worked is just no way in.
    const noWayIn = !(error instanceof PveTrustError) || error.expected === null;
    if (!this.configured && this.lastOkAt === null && noWayIn) {
      this.#avoidUntil = this.#options.breaker.clock.monotonic() + avoidMs;
    }
  }

  /** It has come back: ask it again at once. */
  forgive(): void {
    this.#avoidUntil = 0;
    this.breaker.ok();
  }

  /** What a call gets that may not go out now. */
  refusal(path: string): PveError {
    const last = this.breaker.lastError;
    if (last instanceof PveTrustError) return last;
    const seconds = Math.ceil(this.breaker.waitMs / 1000);
    return new PveUnreachableError(
      `${this.url} is not asked for another ${seconds} s, because it keeps failing: ${last?.message ?? "no answer"}`,
      { endpoint: this.url, path, stage: "unasked", cause: last ?? undefined },
    );
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  async #connect(): ReturnType<typeof openTls> {
    const { url, proof, connectTimeoutMs } = this.#options;
    const wanted = proof();
    if (wanted === null)
      throw new PveTrustError(`Nothing is known that would prove ${url}: nothing was sent.`, { endpoint: url });
    const authorities = wanted.kind === "authority" ? wanted.pem : null;
    const socket = await openTls({ ...targetOf(url, connectTimeoutMs), authorities });
    try {
      judge(socket, url, wanted, Date.now());
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }
}
