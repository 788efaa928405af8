// The load that we put on a cluster: so many requests per second, so many at the same time, per node and in all. Who has
// to wait queues by priority. PVE itself limits nothing, and three slow calls stop a node's API.
import type { Clock } from "../lib/clock.ts";
import { BudgetMeter, type BudgetUse } from "./budget-meter.ts";
import { PveCancelledError, PveOverloadedError } from "./errors.ts";
import type { Priority } from "./request.ts";

export interface BudgetLimits {
  readonly requestsPerSecond: number;
  readonly inFlight: number;
  readonly inFlightPerNode: number;
  readonly exportsInFlightPerNode: number;
}

export interface Claim {
  readonly endpoint: string;
  readonly path: string;
  readonly priority: Priority;
  readonly isExport: boolean;
  /** Longer is no use: the call fails as overloaded. */
  readonly maxWaitMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting extends Claim {
  readonly since: number;
  readonly start: (release: () => void) => void;
  readonly fail: (error: PveOverloadedError | PveCancelledError) => void;
}

interface Load {
  all: number;
  exports: number;
  background: number;
}

/** Beyond it our own callers are at fault; each waiting call costs memory and a scan. */
const longestQueue = 5_000;
/** Requests that leave a second apart may arrive closer together; the cluster must not see more than is configured. */
const arrivalMargin = 1.1;
const rank: Readonly<Record<Priority, number>> = { interactive: 0, poll: 1, background: 2 };

export class Budget {
  readonly #limits: BudgetLimits;
  readonly #clock: Clock;
  /** At most so many requests may begin within the window: all nodes of a cluster are polled at the same moment. */
  readonly #burst: number;
  readonly #windowMs: number;
  readonly #meter: BudgetMeter;
  readonly #closed = new AbortController();
  readonly #total: Load = { all: 0, exports: 0, background: 0 };
  readonly #loads = new Map<string, Load>();
  #queue: Waiting[] = [];
  /** When the newest requests began; those of the window are counted. */
  #begun: number[] = [];
  #timerRuns = false;

  constructor(limits: BudgetLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    const { requestsPerSecond } = limits;
    this.#burst = Math.max(1, Math.floor(requestsPerSecond));
    this.#windowMs = arrivalMargin * Math.max(1000, (1000 * this.#burst) / requestsPerSecond);
    this.#meter = new BudgetMeter(clock);
  }

  get queued(): number {
    return this.#queue.length;
  }

  get inFlight(): number {
    return this.#total.all;
  }

  use(): BudgetUse {
    return this.#meter.use();
  }

  /** Resolves when the call may go out, with the function to call when it is done (once). */
  acquire(claim: Claim): Promise<() => void> {
    const { endpoint, path, signal } = claim;
    return new Promise((resolve, reject) => {
      if (this.#closed.signal.aborted || signal?.aborted === true) {
        reject(cancelled(claim));
        return;
      }
      if (this.#queue.length >= longestQueue) {
        reject(new PveOverloadedError(`${longestQueue} calls already wait for ${endpoint}.`, { endpoint, path }));
        return;
      }
      const stop = (): void => this.#drop(waiting, cancelled(claim));
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          signal?.removeEventListener("abort", stop);
          then(value);
        };
      const waiting: Waiting = {
        ...claim,
        since: this.#clock.monotonic(),
        start: settle(resolve),
        fail: settle(reject),
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.#enqueue(waiting);
      this.#pump();
    });
  }

  close(): void {
    this.#closed.abort();
    for (const waiting of this.#queue) waiting.fail(cancelled(waiting));
    this.#queue = [];
  }

  #enqueue(waiting: Waiting): void {
    const behind = this.#queue.findLastIndex((other) => rank[other.priority] <= rank[waiting.priority]);
    this.#queue.splice(behind + 1, 0, waiting);
  }

  #drop(waiting: Waiting, error: PveCancelledError): void {
    this.#queue = this.#queue.filter((other) => other !== waiting);
    waiting.fail(error);
  }

  #pump(): void {
    this.#expire();
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const waitMs = this.#waitMs(next);
      if (waitMs > 0) {
        this.#wakeLater(waitMs);
        return;
      }
      this.#start(next);
    }
  }

  /** The first in the queue that the limits at the same time allow: one busy node does not hold up the others. */
  #next(): Waiting | undefined {
    return this.#queue.find((waiting) => this.#fits(waiting));
  }

  #fits({ endpoint, priority, isExport }: Waiting): boolean {
    const { inFlight, inFlightPerNode, exportsInFlightPerNode } = this.#limits;
    const load = this.#loads.get(endpoint) ?? { all: 0, exports: 0, background: 0 };
    if (this.#total.all >= inFlight || load.all >= inFlightPerNode) return false;
    if (isExport && load.exports >= exportsInFlightPerNode) return false;
    if (priority !== "background") return true;
    // Slow background calls must leave room for a poll everywhere.
    return this.#total.background < half(inFlight) && load.background < half(inFlightPerNode);
  }

  /** How long until another request may begin. Background work begins only while half of the window is left for polls. */
  #waitMs({ priority }: Waiting): number {
    const now = this.#clock.monotonic();
    this.#begun = this.#begun.filter((at) => now - at < this.#windowMs);
    const allowed = priority === "background" ? Math.max(1, Math.floor(this.#burst / 2)) : this.#burst;
    const blocking = this.#begun.at(-allowed);
    return blocking === undefined ? 0 : blocking + this.#windowMs - now;
  }

  #start(waiting: Waiting): void {
    this.#queue = this.#queue.filter((other) => other !== waiting);
    this.#begun.push(this.#clock.monotonic());
    const load = this.#loads.get(waiting.endpoint) ?? { all: 0, exports: 0, background: 0 };
    this.#loads.set(waiting.endpoint, load);
    count(this.#total, waiting, 1);
    count(load, waiting, 1);
    this.#meter.began(waiting, this.#total.all, load.all);
    waiting.start(() => {
      count(this.#total, waiting, -1);
      count(load, waiting, -1);
      this.#pump();
    });
  }

  #expire(): void {
    const now = this.#clock.monotonic();
    const late = this.#queue.filter(({ since, maxWaitMs }) => now - since > maxWaitMs);
    if (late.length === 0) return;
    this.#queue = this.#queue.filter((waiting) => !late.includes(waiting));
    for (const waiting of late) waiting.fail(overloaded(waiting));
  }

  #wakeLater(ms: number): void {
    if (this.#timerRuns) return;
    this.#timerRuns = true;
    // A timer may fire a fraction of a millisecond early.
    void this.#clock.sleep(ms + 1, this.#closed.signal).then(() => {
      this.#timerRuns = false;
      if (!this.#closed.signal.aborted) this.#pump();
    });
  }
}

const half = (limit: number): number => Math.max(1, Math.floor(limit / 2));

function count(load: Load, { priority, isExport }: Claim, by: 1 | -1): void {
  load.all += by;
  if (isExport) load.exports += by;
  if (priority === "background") load.background += by;
}

const cancelled = ({ endpoint, path }: Claim): PveCancelledError =>
  new PveCancelledError(`The call of ${path} at ${endpoint} was given up before it was sent.`, { endpoint, path });

const overloaded = ({ endpoint, path, maxWaitMs }: Claim): PveOverloadedError =>
  new PveOverloadedError(
    `${path} at ${endpoint} waited more than ${maxWaitMs / 1000} s for its turn within our own request limits: ` +
      "the cluster answers too slowly for what is asked; poll it less often.",
    { endpoint, path },
  );
