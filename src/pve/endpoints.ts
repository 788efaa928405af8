// Which address answers which question: the configured ones, and those of the members that the cluster tells us of.
import { ConfigError } from "../lib/errors.ts";
import { Breaker, type BreakerOptions } from "./breaker.ts";
import { Endpoint, type EndpointState } from "./endpoint.ts";
import { endpointUrl, memberUrl } from "./endpoint-url.ts";
import { type PveError, PveUnreachableError } from "./errors.ts";
import { normalizeFingerprint, type Proof } from "./tls.ts";

export interface LearnedMember {
  readonly name: string;
  readonly address: string | null;
  readonly online: boolean;
  /** True for the node that answered. */
  readonly local?: boolean;
}

export interface Question {
  readonly path: string;
  readonly node?: string | undefined;
  readonly direct?: boolean | undefined;
}

export interface Route {
  readonly endpoint: Endpoint;
  /** The node that the endpoint has to forward the call to; null when it answers itself. */
  readonly via: Breaker | null;
}

export interface EndpointsOptions {
  readonly urls: readonly string[];
  readonly proof: Proof;
  readonly connectTimeoutMs: number;
  readonly connections: number;
  readonly breaker: BreakerOptions;
}

/** After a failover the endpoint that helped is kept for so long, before the first choice is tried again. */
const stickyMs = 300_000;

export class Endpoints {
  readonly #options: EndpointsOptions;
  readonly #configured: readonly Endpoint[];
  /** By name of the node. */
  readonly #learned = new Map<string, Endpoint>();
  readonly #fingerprints = new Map<string, string>();
  readonly #forwarding = new Map<string, Breaker>();
  readonly #offline = new Set<string>();
  /** The node that the configured pin belongs to, once that is known. */
  #pinnedNode: string | null = null;
  #sticky: { readonly endpoint: Endpoint; readonly until: number } | null = null;

  constructor(options: EndpointsOptions) {
    this.#options = options;
    if (options.urls.length === 0) throw new ConfigError("A cluster needs at least one endpoint, https://<node>:8006.");
    this.#configured = [...new Set(options.urls.map(endpointUrl))].map((url) => this.#make(url, true, null));
  }

  /**
   * The next endpoint for a question that was already tried at `tried`. Throws a PveUnreachableError (or the
   * PveTrustError that stands in the way) when there is none to ask now.
   */
  route(question: Question, tried: ReadonlySet<Endpoint>): Route {
    const { node, path, direct } = question;
    if (node === undefined) return { endpoint: this.#any(path, tried), via: null };
    const own = this.#ownOf(node);
    if (own !== undefined) {
      if (!own.breaker.admits()) throw own.refusal(path);
      return { endpoint: own, via: null };
    }
    if (direct === true) throw this.#noDirectWay(node, path);
    const via = this.#forwardingTo(node);
    if (!via.admits()) throw this.#notForwarded(node, path, via);
    return { endpoint: this.#any(path, tried), via };
  }

  /** A call's turn has come: throws, as `route` does, when it need no longer go out, or else counts it as going. */
  enter({ node, path }: Question, { endpoint, via }: Route): void {
    if (!endpoint.breaker.admits()) throw endpoint.refusal(path);
    if (via?.admits() === false) throw this.#notForwarded(node ?? "", path, via);
    endpoint.breaker.begin();
    via?.begin();
  }

  /** True when another endpoint than those tried could answer. */
  hasUntried({ node }: Question, tried: ReadonlySet<Endpoint>): boolean {
    if (node !== undefined && this.#ownOf(node) !== undefined) return false;
    return this.#candidates().some((endpoint) => !tried.has(endpoint) && endpoint.breaker.admits());
  }

  reaches(node: string): boolean {
    return this.#ownOf(node) !== undefined;
  }

  /** Tells that a question anybody could answer was answered here. */
  answered(endpoint: Endpoint): void {
    const now = this.#now();
    const keep = this.#sticky !== null && now < this.#sticky.until && this.#sticky.endpoint === endpoint;
    if (!keep) this.#sticky = endpoint === this.#configured[0] ? null : { endpoint, until: now + stickyMs };
  }

  learn(members: readonly LearnedMember[], answeredBy?: string): void {
    const local = members.find((member) => member.local === true);
    const answering = this.#configured.find((endpoint) => endpoint.url === answeredBy);
    if (local !== undefined && answering !== undefined) this.#identify(answering, local.name);
    for (const member of members) this.#learnOne(member);
    const names = new Set(members.map((member) => member.name));
    for (const name of this.#learned.keys()) if (!names.has(name)) this.#forget(name);
  }

  /** Only from an answer of a trusted endpoint. */
  learnFingerprints(nodes: readonly { readonly name: string; readonly sha256: string | undefined }[]): void {
    const { proof } = this.#options;
    for (const { name, sha256 } of nodes) {
      const fingerprint = sha256 === undefined ? undefined : normalizeFingerprint(sha256);
      if (fingerprint === undefined) continue;
      if (proof.kind === "pin" && proof.accepted.includes(fingerprint)) this.#pinnedNode ??= name;
      this.#fingerprints.set(name, fingerprint);
    }
  }

  states(): readonly EndpointState[] {
    return this.#all().map((endpoint) => endpoint.state);
  }

  async close(): Promise<void> {
    await Promise.all(this.#all().map((endpoint) => endpoint.close()));
  }

  #all(): readonly Endpoint[] {
    return [...this.#configured, ...this.#learned.values()];
  }

  #now(): number {
    return this.#options.breaker.clock.monotonic();
  }

  #candidates(): readonly Endpoint[] {
    const sticky = this.#sticky !== null && this.#now() < this.#sticky.until ? [this.#sticky.endpoint] : [];
    const learned = [...this.#learned].filter(([node]) => !this.#offline.has(node)).map(([, endpoint]) => endpoint);
    const ordered = [...new Set([...sticky, ...this.#configured, ...learned])];
    return ordered.filter((endpoint) => endpoint.usable);
  }

  #any(path: string, tried: ReadonlySet<Endpoint>): Endpoint {
    const candidates = this.#candidates();
    const open = candidates.filter((endpoint) => endpoint.breaker.admits());
    const chosen = open.find((endpoint) => !tried.has(endpoint)) ?? open[0];
    if (chosen !== undefined) return chosen;
    const first = candidates[0] ?? this.#configured[0];
    if (first === undefined) throw new TypeError("there is always a configured endpoint");
    throw first.refusal(path);
  }

  #ownOf(node: string): Endpoint | undefined {
    const own = this.#configured.find((endpoint) => endpoint.node === node) ?? this.#learned.get(node);
    return own?.usable === true ? own : undefined;
  }

  #forwardingTo(node: string): Breaker {
    const known = this.#forwarding.get(node);
    if (known !== undefined) return known;
    const breaker = new Breaker(this.#options.breaker);
    this.#forwarding.set(node, breaker);
    return breaker;
  }

  #identify(endpoint: Endpoint, node: string): void {
    if (endpoint.floating || endpoint.node === node) return;
    if (endpoint.node !== null) {
      endpoint.floating = true;
      endpoint.node = null;
      return;
    }
    endpoint.node = node;
    if (this.#learned.has(node)) this.#forget(node);
  }

  #learnOne({ name, address, online }: LearnedMember): void {
    const backAgain = online && this.#offline.delete(name);
    if (!online) this.#offline.add(name);
    if (address !== null) this.#learnAddress(name, memberUrl(address, this.#configured[0]?.url ?? ""));
    if (!backAgain) return;
    this.#ownEndpoint(name)?.forgive();
    this.#forwarding.delete(name);
  }

  #learnAddress(node: string, url: string | undefined): void {
    if (url === undefined) return;
    const configured = this.#configured.find((endpoint) => endpoint.url === url);
    if (configured !== undefined && configured.node === null) this.#identify(configured, node);
    if (this.#configured.some((endpoint) => endpoint.node === node)) return;
    if (configured !== undefined || this.#learned.get(node)?.url === url) return;
    this.#forget(node);
    this.#learned.set(node, this.#make(url, false, node));
  }

  #ownEndpoint(node: string): Endpoint | undefined {
    return this.#configured.find((endpoint) => endpoint.node === node) ?? this.#learned.get(node);
  }

  #forget(node: string): void {
    const endpoint = this.#learned.get(node);
    if (endpoint === undefined) return;
    this.#learned.delete(node);
    if (this.#sticky?.endpoint === endpoint) this.#sticky = null;
    void endpoint.close();
  }

  #make(url: string, configured: boolean, node: string | null): Endpoint {
    const { connectTimeoutMs, connections, breaker } = this.#options;
    const proof = configured ? () => this.#proofOfConfigured() : () => this.#proofOfLearned(node ?? "");
    return new Endpoint({ url, configured, node, proof, connectTimeoutMs, connections, breaker });
  }

  /**
   * The configured pin is one node's. The other configured endpoints may show what a trusted endpoint said of their
   * nodes; the pinned node itself may not, or a changed certificate would be trusted without anybody looking at it.
   */
  #proofOfConfigured(): Proof {
    const { proof } = this.#options;
    if (proof.kind === "authority" || this.#pinnedNode === null) return proof;
    const others = [...this.#fingerprints].filter(([node]) => node !== this.#pinnedNode);
    return { kind: "pin", accepted: [...proof.accepted, ...others.map(([, fingerprint]) => fingerprint)] };
  }

  /** A fingerprint that a trusted endpoint told; without one, the configured authorities. */
  #proofOfLearned(node: string): Proof | null {
    const fingerprint = this.#fingerprints.get(node);
    if (fingerprint !== undefined) return { kind: "pin", accepted: [fingerprint] };
    return this.#options.proof.kind === "authority" ? this.#options.proof : null;
  }

  #noDirectWay(node: string, path: string): PveError {
    const own = this.#ownEndpoint(node);
    const endpoint = own?.url ?? this.#configured[0]?.url ?? node;
    const cause = own?.breaker.lastError ?? undefined;
    const why = cause?.message ?? "no trusted address of it is known; add its endpoint to the configuration.";
    const message = `${path} must be asked of ${node} itself: ${why}`;
    return new PveUnreachableError(message, { endpoint, path, stage: "unasked", cause });
  }

  #notForwarded(node: string, path: string, { lastError, waitMs }: Breaker): PveError {
    const endpoint = this.#configured[0]?.url ?? node;
    const message = `${node} is not asked for another ${Math.ceil(waitMs / 1000)} s, because it keeps failing: ${lastError?.message ?? "no answer"}`;
    return new PveUnreachableError(message, { endpoint, path, stage: "unasked", cause: lastError ?? undefined });
  }
}
