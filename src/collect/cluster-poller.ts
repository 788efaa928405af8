// One cluster, polled. Each round asks everything that is not still being asked, waits a bounded time, and makes one
// batch of whatever has arrived; what comes later makes a batch of its own as soon as it is there.
//
//   ask ─▶ settle ─▶ status, rights, resources, exports, tasks ─▶ one batch ─▶ store (durable) and live view
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Batch } from "../model/batch.ts";
import type { CollectorEvent } from "../model/collector.ts";
import { clusterEntityId } from "../model/ids.ts";
import type { Entity } from "../model/inventory.ts";
import type { PushAnswer, PushRequest } from "../model/push.ts";
import { clusterResources, clusterStatus, clusterTasks, permissions } from "../pve/index.ts";
import { ClusterLink } from "./cluster-link.ts";
import { Drops } from "./drops.ts";
import { exportQuestions } from "./export-questions.ts";
import { GuestOrigins } from "./guest-origins.ts";
import { HistoryWork, type KnownCluster } from "./history-work.ts";
import { Outbox } from "./outbox.ts";
import { Pace } from "./pace.ts";
import type { PolledCluster, PolledPve } from "./polled-cluster.ts";
import type { PushedMomentsOf } from "./push/pushed-moments.ts";
import { notListed } from "./push/pushes.ts";
import { rightsMark } from "./rights.ts";
import { Round, type RoundReply } from "./round.ts";
import { RowTarget } from "./row-target.ts";
import { Slots } from "./slots.ts";
import { Slowness } from "./slowness.ts";

export interface ClusterPollerOptions {
  readonly cluster: PolledCluster;
  readonly pve: PolledPve;
  readonly clock: Clock;
  readonly log: Log;
  /** What the state database knows of the cluster from before. */
  readonly known: readonly Entity[];
  /** What the store holds of the cluster from before. */
  readonly marks: Readonly<Record<string, number>>;
  /** What the store holds of earlier pushes, that no poll has passed yet. */
  readonly pushed?: readonly PushedMomentsOf[];
  readonly newBatchId: () => string;
  /** To the store. Resolves when the batch is durable; rejects when the disk could not take it yet. */
  readonly append: (batch: Batch) => Promise<void>;
  /** To the store as with `append`, and to the live view, durable or not. */
  readonly publish: (batch: Batch) => Promise<void>;
  readonly event: (event: CollectorEvent) => void;
}

/** A poll waits this long for answers at most: one node that hangs must not make the others' samples late. */
const settleMs = 1_500;
/** Answers that come after it are gathered for so long: a batch each would cost more than they are late. */
const lateMs = 500;
const firstRetryMs = 2_000;
const longestRetryMs = 60_000;
/** A cluster without export has no history to catch up from, and its listing changes every 10 s at best. */
const resourcesPeriodS = 30;

const notDurable: PushAnswer = {
  outcome: "not-ready",
  sentence: "The disk takes nothing at the moment; what was pushed waits in memory and need not be sent again.",
  refused: 0,
};

export class ClusterPoller {
  readonly #options: ClusterPollerOptions;
  readonly #drops = new Drops();
  readonly #slots: Slots<RoundReply>;
  readonly #link: ClusterLink;
  readonly #outbox: Outbox;
  readonly #round: Round;
  #counts = { polls: 0, skippedPolls: 0, rows: 0 };
  #late: Promise<void> | null = null;
  readonly #stopping = new AbortController();
  readonly #pace: Pace;
  readonly #origins: GuestOrigins;
  readonly #history: HistoryWork;
  readonly #known: KnownCluster;
  readonly #slowness = new Slowness();

  constructor(options: ClusterPollerOptions) {
    this.#options = options;
    const { cluster, pve, clock, known, marks, pushed = [], event } = options;
    this.#slots = new Slots(clock, () => this.#takeLate());
    this.#link = new ClusterLink(pve, clock, marks[rightsMark]);
    this.#round = new Round({ cluster, pve, clock, known, marks, pushed, event, link: this.#link, drops: this.#drops });
    this.#outbox = new Outbox(options.publish, (error) => {
      options.log.debug({ err: error }, "a batch waits for the disk");
    });
    const round = this.#round;
    const { requestsPerSecond } = cluster.history;
    this.#pace = new Pace({ clock, requestsPerSecond, mustWait: () => this.#slowness.isSlow });
    this.#origins = new GuestOrigins({ pve, pace: this.#pace, log: options.log, round });
    this.#history = this.#historyWork();
    this.#known = {
      entities: () => round.entities,
      capabilities: () => this.#link.capabilities,
      storageOwner: (storage) => round.storageOwner(storage),
      bornAt: (guest) => round.bornAt(guest),
      firstSampleOf: (node) => round.firstSampleOf(node),
    };
  }

  #historyWork(): HistoryWork {
    const { cluster, pve, clock, log, marks, newBatchId, event } = this.#options;
    return new HistoryWork({
      cluster: cluster.id,
      pve,
      clock,
      log,
      marks,
      newBatchId,
      drops: this.#drops,
      gaps: this.#round.gaps,
      imports: cluster.history.import,
      pace: this.#pace,
      append: (batch) => this.#options.append(batch),
      report: (job) => event({ type: "job", job }),
      whereIs: (guest) => this.#round.nodeOfGuest(guest),
      learnOrigin: (guest, aborted) => this.#origins.learn(guest, aborted),
    });
  }

  /** Polls until `signal` aborts, and then waits for what is on its way to the store. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#connect(signal);
    let next = this.#options.clock.monotonic();
    while (!signal.aborted) {
      await this.#poll(signal);
      next = this.#nextSlot(next);
      await this.#options.clock.sleep(next - this.#options.clock.monotonic(), signal);
    }
    this.#stopping.abort();
    await this.#late;
    await this.#history.drain();
    await this.#origins.drain();
    await this.#outbox.drain();
  }

  /** Takes in what the cluster's nodes push; resolves when it is durable. */
  async push(request: PushRequest): Promise<PushAnswer> {
    const { clock, cluster, newBatchId } = this.#options;
    const polls = this.#round.pollKnowledge;
    if (polls === null || this.#stopping.signal.aborted) return notListed;
    const [at, begun] = [clock.now(), clock.monotonic()];
    const target = new RowTarget();
    const answer = this.#round.pushes.take(request, polls, target);
    this.#counts.rows += target.rows;
    const durable = target.rows === 0 || (await this.#outbox.send(target.batch(newBatchId(), cluster.id, "push")));
    this.#round.pushes.ended(at, clock.monotonic() - begun);
    return durable ? answer : notDurable;
  }

  async #connect(signal: AbortSignal): Promise<void> {
    for (let wait = firstRetryMs; !signal.aborted; wait = Math.min(2 * wait, longestRetryMs)) {
      try {
        await this.#link.refresh();
        this.#round.health.ok("version", null);
        return;
      } catch (error) {
        this.#round.health.failed("version", null, error);
        this.#reportPoll("failed", error);
        await this.#options.clock.sleep(wait, signal);
      }
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const begun = clock.monotonic();
    const startedAt = clock.now();
    const knewNodes = this.#knowsNodes();
    let target = new RowTarget();
    this.#askCluster(target);
    this.#askNodes(target);
    target = await this.#takeAnswers(target, signal);
    if (!knewNodes && this.#knowsNodes()) {
      // At first contact the nodes become known with the first listing: their samples are asked for at once.
      this.#askNodes(target);
      target = await this.#takeAnswers(target, signal);
    }
    this.#keep(target);
    this.#judgePace();
    this.#counts.polls += 1;
    this.#reportPoll("idle", undefined, startedAt, clock.monotonic() - begun);
    if (!this.#round.isReady) return;
    this.#origins.tend(signal);
    this.#history.tend(this.#known, signal);
  }

  #knowsNodes(): boolean {
    return this.#round.nodes.length > 0;
  }

  /** Returns the rows that are not on their way yet. */
  async #takeAnswers(target: RowTarget, signal: AbortSignal): Promise<RowTarget> {
    await this.#slots.settle(settleMs, signal);
    return this.#round.take(this.#slots.take(), target, this.#periodS(), (full) => this.#keep(full));
  }

  #takeLate(): void {
    this.#late ??= this.#options.clock.sleep(lateMs, this.#stopping.signal).then(() => {
      this.#late = null;
      if (this.#stopping.signal.aborted) return;
      const keep = (target: RowTarget): void => this.#keep(target);
      keep(this.#round.take(this.#slots.take(), new RowTarget(), this.#periodS(), keep));
    });
  }

  #askCluster(target: RowTarget): void {
    const { pve } = this.#options;
    if (this.#link.isDue) this.#askOne("version", target, async () => this.#refreshLink());
    if (this.#round.wantsRights) {
      this.#askOne("permissions", target, async () => ({ kind: "rights", answer: await permissions(pve) }));
    }
    this.#askOne("status", target, async () => ({ kind: "status", answer: await clusterStatus(pve) }));
    this.#askOne("resources", target, async () => ({ kind: "resources", answer: await clusterResources(pve) }));
    this.#askOne("tasks", target, async () => ({ kind: "tasks", answer: await clusterTasks(pve) }));
  }

  #askNodes(target: RowTarget): void {
    const { pve } = this.#options;
    const capabilities = this.#link.capabilities;
    if (capabilities === null || !this.#round.usesExport) return;
    for (const { key, ask } of exportQuestions(pve, capabilities, this.#round.nodes, (node) =>
      this.#round.heldOf(node),
    )) {
      this.#askOne(key, target, async () => ({ kind: "export", answer: await ask() }));
    }
  }

  #askOne(key: string, target: RowTarget, ask: () => Promise<RoundReply>): void {
    if (this.#slots.start(key, ask)) return;
    this.#counts.skippedPolls += 1;
    this.#round.stillWaiting(key, target, this.#periodS());
  }

  async #refreshLink(): Promise<RoundReply> {
    await this.#link.refresh();
    return { kind: "link" };
  }

  #keep(target: RowTarget): void {
    if (target.rows === 0 && Object.keys(target.marks).length === 0) return;
    const batch = target.batch(this.#options.newBatchId(), this.#options.cluster.id, "poll");
    this.#counts.rows += target.rows;
    void this.#outbox.send(batch);
  }

  /** The next whole period; a poll that took longer skips what it missed. */
  #nextSlot(last: number): number {
    const periodMs = this.#periodS() * 1000;
    const missed = Math.floor((this.#options.clock.monotonic() - last) / periodMs);
    this.#counts.skippedPolls += missed;
    return last + (missed + 1) * periodMs;
  }

  /** The period that is kept now. */
  #periodS(): number {
    return this.#slowness.stretched(this.#usualPeriodS());
  }

  #usualPeriodS(): number {
    const { pollPeriodS } = this.#options.cluster;
    const nodes = this.#round.nodes.length;
    const bySize = nodes <= 8 ? 10 : nodes <= 16 ? 30 : 60;
    const period = pollPeriodS ?? bySize;
    return this.#round.usesExport || pollPeriodS !== null ? period : Math.max(period, resourcesPeriodS);
  }

  #judgePace(): void {
    const { cluster, event } = this.#options;
    const usualS = this.#usualPeriodS();
    const code = "polling_slowed";
    const subject = clusterEntityId(cluster.id);
    const wasSlow = this.#slowness.isSlow;
    this.#slowness.observe(this.#round.takeTimes(), usualS);
    if (this.#slowness.isSlow) {
      const why = this.#slowness.why ?? "it answers slowly";
      const message = `Cluster ${cluster.name} is asked every ${this.#periodS()} s instead of every ${usualS} s, because ${why}.`;
      const remedy =
        "Look at the load of its nodes and pveproxy; no sample is lost, and the usual pace comes back by itself.";
      event({ type: "problem", problem: { code, subject, severity: "warning", message, remedy } });
    } else if (wasSlow) event({ type: "problem-cleared", code, subject });
  }

  #reportPoll(state: "idle" | "failed", error?: unknown, startedAt = this.#options.clock.now(), durationMs = 0): void {
    const { cluster, event, pve } = this.#options;
    const result = error instanceof Error ? error.message : this.#summary();
    event({
      type: "job",
      job: {
        id: `poll/${cluster.id}`,
        summary: "Asks the cluster for new samples",
        schedule: `every ${this.#periodS()} s`,
        state,
        lastStartedAt: startedAt,
        lastDurationMs: Math.round(durationMs),
        lastResult: result,
        progress: null,
      },
    });
    const pushJob = this.#round.pushes.job(cluster.id);
    if (pushJob !== null) event({ type: "job", job: pushJob });
    const { requests, failedRequests, receivedBytes, use } = pve.stats();
    event({
      type: "cost",
      cost: {
        cluster: cluster.id,
        requests,
        failedRequests,
        receivedBytes,
        budget: use,
        periodS: this.#periodS(),
        ...this.#counts,
        droppedValues: {
          ...this.#drops.counts,
          "suspect rate": this.#round.suspectRates,
          ...this.#round.pushes.drops,
        },
      },
    });
  }

  #summary(): string {
    const { requests, use } = this.#options.pve.stats();
    const { polls, rows } = this.#counts;
    const load = `${use.peakPerSecond} per second and ${use.peakInFlight} at a time at most`;
    const waited = (use.byPriority.poll.longestWaitMs / 1000).toFixed(1);
    return `${polls} polls, ${rows} rows; ${requests} requests, ${load}, up to ${waited} s in our own queue.`;
  }
}
