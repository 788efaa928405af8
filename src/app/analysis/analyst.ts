// Analysis as the main thread has it: starts the thread, gives it the fleet as it is, keeps what comes out, and ends a
// run that takes too long.
import type { Worker } from "node:worker_threads";
import { jobs } from "../../analyse/index.ts";
import type { Clock } from "../../lib/clock.ts";
import { StoreError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { type RpcClient, rpcClient, serveRpc } from "../../lib/rpc.ts";
import { startWorker } from "../../lib/worker.ts";
import type { FactBook } from "../../live/fact-book.ts";
import type { Fleet } from "../../live/fleet.ts";
import type { AnalysisSettings } from "../../model/analysis-settings.ts";
import type { JobProgress } from "../../model/job.ts";
import { reviveStoreError, type State, type StoreControl } from "../../store/index.ts";
import type { AnalysisRecords, AnalysisThread, RanJob } from "./messages.ts";
import { partsOf } from "./snapshot.ts";

export interface AnalystOptions {
  readonly fleet: Fleet;
  readonly book: FactBook;
  readonly state: Pick<State, "findings" | "documents" | "events" | "facts">;
  readonly store: Pick<StoreControl, "port">;
  readonly settings: AnalysisSettings;
  readonly clock: Clock;
  readonly log: Log;
}

/** For questions; a job always gets the fleet as it is. */
const snapshotAgeMs = 15_000;
/**
 * Megabytes of JavaScript objects; a job that wants more fails, and the service goes on. V8 lets garbage lie while it is
 * far from its bound, so that a small fleet has a small one.
 */
const heapMb = { least: 160, perThousandGuests: 320, most: 2_048 };
const outgrown = 1.3;

export class Analyst {
  readonly #options: AnalystOptions;
  #settings: AnalysisSettings;
  #thread: { readonly worker: Worker; readonly rpc: RpcClient; readonly heapMb: number } | null = null;
  #snapshotAt = Number.NEGATIVE_INFINITY;
  #sending: Promise<void> = Promise.resolve();
  #onProgress: ((progress: JobProgress) => void) | null = null;
  #closed = false;

  constructor(options: AnalystOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  /** Takes effect with the next run and question. */
  async configure(settings: AnalysisSettings): Promise<void> {
    this.#settings = settings;
    if (this.#thread !== null) await this.#call("configure", settings);
  }

  /** Runs one job to its end and keeps what it came to; resolves to its summary. One at a time. */
  async run(id: string, onProgress: (progress: JobProgress) => void): Promise<string> {
    const { clock, state, fleet } = this.#options;
    this.#onProgress = onProgress;
    const timeLimitMs = jobs.find((job) => job.id === id)?.timeLimitMs ?? 0;
    this.#outgrow();
    const limit = setTimeout(() => this.#endThread(new StoreError(tooLong(id, timeLimitMs))), timeLimitMs);
    let ran: RanJob;
    try {
      await this.#sendSnapshot(0);
      ran = await this.#call("run", id, clock.now());
    } finally {
      clearTimeout(limit);
      this.#onProgress = null;
    }
    await state.documents.save(ran.documents);
    if (ran.findings !== undefined) fleet.setFindings(id, await state.findings.replace(id, ran.findings));
    fleet.analysed(ran.documents);
    return ran.summary;
  }

  async ask<Answer>(question: string, input: unknown): Promise<Answer> {
    await this.#sendSnapshot(snapshotAgeMs);
    return (await this.#call("ask", question, this.#options.clock.now(), input)) as Answer;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#thread?.worker;
    this.#thread?.rpc.fail(new StoreError("Analysis is closed."));
    await worker?.terminate();
  }

  #call<Name extends keyof AnalysisThread>(
    name: Name,
    ...args: Parameters<AnalysisThread[Name]>
  ): ReturnType<AnalysisThread[Name]> {
    return this.#open().call(name, args) as ReturnType<AnalysisThread[Name]>;
  }

  /** One after the other: parts of two snapshots must not mix. */
  #sendSnapshot(maxAgeMs: number): Promise<void> {
    this.#sending = this.#sending
      .catch(() => undefined)
      .then(async () => {
        if (this.#options.clock.monotonic() - this.#snapshotAt <= maxAgeMs) return;
        const { fleet, book, clock } = this.#options;
        for (const part of partsOf(fleet, book)) await this.#call("take", part);
        this.#snapshotAt = clock.monotonic();
      });
    return this.#sending;
  }

  #open(): RpcClient {
    if (this.#closed) throw new StoreError("Analysis is closed.");
    if (this.#thread !== null) return this.#thread.rpc;
    const heap = this.#heapMb();
    const storePort = this.#options.store.port();
    const worker = startWorker("./worker.ts", import.meta.url, {
      workerData: { storePort, settings: this.#settings },
      transferList: [storePort],
      name: "analysis",
      resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: heap },
    });
    const rpc = rpcClient(worker, reviveStoreError);
    serveRpc(worker, this.#records());
    const ended = (error: Error): void => {
      if (this.#thread?.worker === worker) this.#forgetThread();
      rpc.fail(error);
    };
    worker.on("error", (error) => {
      this.#options.log.error({ err: error }, "the analysis thread has failed; it starts again with the next job");
      ended(new StoreError("The analysis thread has failed; see the log.", { cause: error }));
    });
    worker.on("exit", () => ended(new StoreError("The analysis thread has ended.")));
    this.#thread = { worker, rpc, heapMb: heap };
    return rpc;
  }

  #heapMb(): number {
    const guests = this.#options.fleet.list("guest").length;
    return Math.min(heapMb.most, Math.round(heapMb.least + (heapMb.perThousandGuests * guests) / 1000));
  }

  /** A thread that was started for a much smaller fleet makes way for one with room: no bound can be changed later. */
  #outgrow(): void {
    if (this.#thread !== null && this.#heapMb() > outgrown * this.#thread.heapMb) {
      this.#endThread(new StoreError("The analysis thread starts again with more memory; ask again."));
    }
  }

  #forgetThread(): void {
    this.#thread = null;
    this.#snapshotAt = Number.NEGATIVE_INFINITY;
  }

  #endThread(why: Error): void {
    const thread = this.#thread;
    this.#forgetThread();
    thread?.rpc.fail(why);
    void thread?.worker.terminate();
  }

  #records(): AnalysisRecords {
    const { state } = this.#options;
    return {
      events: (query) => state.events.query(query),
      factChanges: (filter) => state.facts.changes(filter),
      findings: (query) => state.findings.list(query),
      finding: (id) => state.findings.find(id),
      findingChanges: (id, limit) => state.findings.changes(id, limit),
      documents: (query) => state.documents.held(query),
      progress: (_job, done, total) => {
        this.#onProgress?.({ done, total });
        return Promise.resolve();
      },
    };
  }
}

const tooLong = (id: string, timeLimitMs: number): string =>
  `The job ${id} was ended after its time limit of ${Math.round(timeLimitMs / 1000)} s; it runs again on its schedule.`;
