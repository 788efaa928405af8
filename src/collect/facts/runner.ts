// Reads slow facts beside the polls: works off the plan with few requests, one at a time per node, and tells what it read.
//
//   inventory, tasks ─▶ wishes ─▶ plan ─▶ reader ─▶ facts, events (main thread) and rows (store)
import type { Clock } from "../../lib/clock.ts";
import { describeError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Batch } from "../../model/batch.ts";
import type { CollectorEvent } from "../../model/collector.ts";
import type { FactRead, FactReading } from "../../model/facts.ts";
import type { FactSettings } from "../../model/facts-paces.ts";
import type { ClusterId, EntityId } from "../../model/ids.ts";
import type { Entity, GuestEntity, Task } from "../../model/inventory.ts";
import {
  type Capabilities,
  capabilitiesOf,
  type Permissions,
  PveCancelledError,
  PveOverloadedError,
  PvePermissionError,
  type PveReader,
  PveUnreachableError,
  permissions,
  placed,
} from "../../pve/index.ts";
import { Drops } from "../drops.ts";
import { RowTarget } from "../row-target.ts";
import { type AnyFactReader, askedNode, type FactContext, type Reading, type Subjects } from "./fact-reader.ts";
import { addFactRow } from "./fact-rows.ts";
import { factReaders } from "./index.ts";
import { KnownFleet } from "./known-fleet.ts";
import { Pacer } from "./pacer.ts";
import { type PlannedRead, planReads, readKey, type Wish } from "./plan.ts";

export interface FactRunnerOptions {
  readonly cluster: ClusterId;
  readonly pve: PveReader;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: FactSettings;
  /** Whether guests may be asked through their agent. */
  readonly agent: boolean;
  readonly known: readonly Entity[];
  /** What was read before this start. */
  readonly reads: readonly FactRead[];
  readonly newBatchId: () => string;
  readonly append: (batch: Batch) => Promise<void>;
  readonly event: (event: CollectorEvent) => void;
  readonly readers?: readonly AnyFactReader[];
}

const lookEveryMs = 1_000;
const planForMs = 15_000;
const rightsForMs = 10 * 60_000;
const atOnce = 4;
/** The whole cluster does not answer: the subject is not to blame, and is asked again soon. */
const unreachablePauseMs = 60_000;
const reportEveryMs = 10_000;

export class FactRunner {
  readonly #options: FactRunnerOptions;
  readonly #readers: readonly AnyFactReader[];
  readonly #pacer: Pacer;
  readonly #fleet: KnownFleet;
  readonly #drops = new Drops();
  readonly #reads = new Map<string, FactRead>();
  readonly #succeededAt = new Map<string, number>();
  readonly #hints = new Map<string, number>();
  readonly #notBefore = new Map<string, number>();
  /** Readers that are left out, with the reason. */
  readonly #leftOut = new Map<string, string>();
  readonly #busyNodes = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  #queue: PlannedRead[] = [];
  #plannedAt = Number.NEGATIVE_INFINITY;
  #startedAt = 0;
  #polled = false;
  #looking = false;
  #rights: Permissions = new Map();
  #rightsAt = Number.NEGATIVE_INFINITY;
  #reportedAt = Number.NEGATIVE_INFINITY;
  #counts = { read: 0, failed: 0 };

  constructor(options: FactRunnerOptions) {
    this.#options = options;
    this.#readers = options.readers ?? factReaders;
    this.#pacer = new Pacer(options.pve, options.clock, options.settings.requestsPerSecond);
    this.#fleet = new KnownFleet(options.cluster, options.known);
    for (const read of options.reads) {
      const key = readKey(read.reader, read.about);
      this.#reads.set(key, read);
      if (read.failures === 0) this.#succeededAt.set(key, read.at);
    }
  }

  /** How many readings are due or under way, as far as has been looked; working that out counts as one. */
  get pending(): number {
    return this.#queue.length + this.#running.size + Number(this.#looking);
  }

  /** What the poller tells, from which it is known whom to ask and when something has changed. */
  take(event: CollectorEvent): void {
    if (event.type === "inventory") this.#takeInventory(event.changed);
    else if (event.type === "tasks") for (const task of event.tasks) this.#takeTask(task);
    else if (event.type === "job" && event.job.id.startsWith("poll/") && event.job.state === "idle")
      this.#polled = true;
  }

  /** Reads until `signal` aborts, and then waits for what is being read. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    this.#startedAt = clock.now();
    while (!signal.aborted) {
      this.#looking = true;
      if (this.#polled) await this.#look(signal);
      this.#looking = false;
      await clock.sleep(lookEveryMs, signal);
    }
    await Promise.all(this.#running.values());
  }

  /** Starts what is due and may be asked now. */
  async #look(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (clock.monotonic() - this.#rightsAt >= rightsForMs) await this.#learnRights(signal);
    const capabilities = this.#capabilities();
    if (capabilities === undefined || !Number.isFinite(this.#rightsAt)) return;
    if (this.#queue.length === 0 || clock.monotonic() - this.#plannedAt >= planForMs) this.#plan(capabilities);
    const waiting: PlannedRead[] = [];
    for (const planned of this.#queue) {
      if (this.#running.size >= atOnce || !this.#start(planned, capabilities, signal)) waiting.push(planned);
    }
    this.#queue = waiting;
    this.#report();
  }

  #plan(capabilities: Capabilities): void {
    const { clock } = this.#options;
    this.#plannedAt = clock.monotonic();
    const wishes = this.#wishes(capabilities).filter(({ reader, about }) => !this.#running.has(readKey(reader, about)));
    this.#queue = [
      ...planReads(wishes, {
        now: clock.now(),
        startedAt: this.#startedAt,
        reads: this.#reads,
        hints: this.#hints,
        notBefore: this.#notBefore,
      }),
    ];
  }

  #wishes(capabilities: Capabilities): readonly Wish[] {
    const { settings } = this.#options;
    const asked = this.#readers.filter((reader) => this.#mayAsk(reader, capabilities));
    const wishes: Wish[] = [];
    for (const entity of this.#fleet.all()) {
      for (const reader of asked) {
        if (reader.scope !== entity.kind || !this.#concerns(reader, entity)) continue;
        const everyS = settings.everyS[reader.name];
        const wide = reader.scope === "cluster" || reader.scope === "node";
        wishes.push({ reader: reader.name, about: entity.id, wide, everyS, backOffS: reader.backOffS ?? everyS });
      }
    }
    return wishes;
  }

  #mayAsk(reader: AnyFactReader, capabilities: Capabilities): boolean {
    if (reader.releases?.(capabilities) === false) return false;
    if (reader.needsAgent === true && !this.#options.agent) return false;
    const missing = reader.needs.filter((privilege) => !this.#holds(privilege));
    if (missing.length === 0) {
      this.#leftOut.delete(reader.name);
      return true;
    }
    this.#leftOut.set(reader.name, `needs ${missing.map(placed).join(", ")}`);
    return false;
  }

  #concerns(reader: AnyFactReader, entity: Entity): boolean {
    if (entity.kind === "node" && entity.status !== "online") return false;
    if (entity.kind === "guest" && !this.#fleet.isOnline(entity.node)) return false;
    if (entity.kind === "storage" && this.#fleet.nodeOfStorage(entity) === undefined) return false;
    return reader.concerns?.(entity as never, this.#fleet) ?? true;
  }

  readonly #holds = (privilege: string): boolean => [...this.#rights.values()].some((held) => held.has(privilege));

  /** False when it has to wait because its node is being asked already. */
  #start({ wish }: PlannedRead, capabilities: Capabilities, signal: AbortSignal): boolean {
    const key = readKey(wish.reader, wish.about);
    const reader = this.#readers.find(({ name }) => name === wish.reader);
    const subject = this.#fleet.get(wish.about);
    if (reader === undefined || subject === undefined || this.#running.has(key)) return true;
    const node = askedNode(reader.scope, subject, this.#fleet);
    if (this.#busyNodes.has(node)) return false;
    this.#busyNodes.add(node);
    const reading = this.#readOne(reader, subject, capabilities, signal).finally(() => {
      this.#busyNodes.delete(node);
      this.#running.delete(key);
    });
    this.#running.set(key, reading);
    return true;
  }

  async #readOne(
    reader: AnyFactReader,
    subject: Subjects[keyof Subjects],
    capabilities: Capabilities,
    signal: AbortSignal,
  ): Promise<void> {
    const { cluster, clock, settings } = this.#options;
    const key = readKey(reader.name, subject.id);
    const context: FactContext = {
      cluster,
      pve: this.#pacer,
      options: { priority: "background", signal },
      capabilities,
      now: clock.now(),
      startedAt: this.#startedAt,
      everyS: settings.everyS[reader.name],
      lastAt: this.#succeededAt.get(key) ?? null,
      fleet: this.#fleet,
      holds: this.#holds,
    };
    try {
      const reading = await reader.read(context, subject as never);
      this.#keepRows(reading);
      this.#tell(reader, subject.id, context.now, reading);
    } catch (error) {
      if (!signal.aborted) this.#takeFailure(reader, subject.id, error);
    }
  }

  #keepRows({ rows = [] }: Reading): void {
    const { cluster, newBatchId, append, log } = this.#options;
    const target = new RowTarget();
    for (const row of rows) addFactRow(row, target, this.#drops);
    if (target.rows === 0) return;
    append(target.batch(newBatchId(), cluster, "facts")).catch((error: unknown) => {
      log.debug({ err: error }, "a batch of facts waits for the disk");
    });
  }

  #tell(reader: AnyFactReader, about: EntityId, at: number, { facts = [], events = [], tasks = [] }: Reading): void {
    const { cluster, event } = this.#options;
    const key = readKey(reader.name, about);
    this.#counts.read += 1;
    this.#leftOut.delete(reader.name);
    this.#remember({ reader: reader.name, about, at, failures: 0 });
    this.#succeededAt.set(key, at);
    // A hint that came while the answer was on its way may be about something newer.
    if ((this.#hints.get(key) ?? 0) <= at) this.#hints.delete(key);
    const kinds = reader.incremental === true ? [] : reader.tells;
    if (tasks.length > 0) event({ type: "tasks", cluster, tasks });
    if (events.length > 0) event({ type: "log", events });
    const reading: FactReading = { cluster, reader: reader.name, about, at, error: null, failures: 0, kinds, facts };
    event({ type: "facts", readings: [reading] });
  }

  #takeFailure(reader: AnyFactReader, about: EntityId, error: unknown): void {
    const { cluster, clock, event, log } = this.#options;
    const key = readKey(reader.name, about);
    const at = clock.now();
    this.#hints.delete(key);
    if (isOurs(error)) {
      this.#notBefore.set(key, at + unreachablePauseMs);
      return;
    }
    this.#counts.failed += 1;
    const failures = (this.#reads.get(key)?.failures ?? 0) + 1;
    this.#remember({ reader: reader.name, about, at, failures });
    const reason = describeError(error);
    if (error instanceof PvePermissionError) this.#leftOut.set(reader.name, reason);
    log.debug({ err: error, reader: reader.name, about }, "a fact could not be read");
    const failed = { cluster, reader: reader.name, about, at, error: reason, failures, kinds: [], facts: [] };
    event({ type: "facts", readings: [failed] });
  }

  #remember(read: FactRead): void {
    const key = readKey(read.reader, read.about);
    this.#reads.set(key, read);
    this.#notBefore.delete(key);
  }

  #takeInventory(changed: readonly Entity[]): void {
    for (const entity of changed) {
      const before = this.#fleet.get(entity.id);
      if (entity.kind === "guest" && before?.kind === "guest" && isReconfigured(before, entity)) this.#hint(entity.id);
    }
    this.#fleet.take(changed);
  }

  #takeTask(task: Task): void {
    if (task.state === "running" || task.guestId === null) return;
    this.#hint(task.guestId, task.type);
  }

  /** Something about a guest has changed: whoever reads by hints looks again. */
  #hint(about: EntityId, taskType?: string): void {
    for (const reader of this.#readers) {
      if (reader.hints === undefined || (taskType !== undefined && !reader.hints.test(taskType))) continue;
      this.#hints.set(readKey(reader.name, about), this.#options.clock.now());
    }
  }

  async #learnRights(signal: AbortSignal): Promise<void> {
    try {
      this.#rights = (await permissions(this.#pacer, { priority: "background", signal })).data;
      this.#rightsAt = this.#options.clock.monotonic();
    } catch (error) {
      this.#options.log.debug({ err: error }, "rights not read; facts wait");
    }
  }

  #capabilities(): Capabilities | undefined {
    const release = this.#fleet.cluster?.release ?? null;
    const versions = this.#fleet.nodes.map((node) => node.version).filter((version) => version !== null);
    // During an upgrade the oldest node decides: what only newer ones know is asked when all are there.
    const oldest = versions.sort((a, b) => a.localeCompare(b, "en", { numeric: true }))[0] ?? release;
    return oldest === null ? undefined : capabilitiesOf(oldest);
  }

  #report(): void {
    const { cluster, clock, event, settings } = this.#options;
    if (clock.monotonic() - this.#reportedAt < reportEveryMs) return;
    this.#reportedAt = clock.monotonic();
    const leftOut = [...this.#leftOut].map(([reader, reason]) => `${reader} (${reason})`).sort();
    const words = [
      `${this.#counts.read} readings, ${this.#counts.failed} failed, ${this.#queue.length} due.`,
      ...(leftOut.length === 0 ? [] : [`Left out: ${leftOut.join("; ")}.`]),
    ];
    event({
      type: "job",
      job: {
        id: `facts/${cluster}`,
        summary: "Reads slow facts: hardware, disks, certificates, backups, …",
        schedule: `at most ${settings.requestsPerSecond} requests per second`,
        state: this.#running.size > 0 ? "running" : "idle",
        lastStartedAt: this.#startedAt,
        lastDurationMs: null,
        lastResult: words.join(" "),
        progress: null,
      },
    });
  }
}

const isReconfigured = (before: GuestEntity, after: GuestEntity): boolean =>
  before.name !== after.name ||
  before.template !== after.template ||
  before.tags.join() !== after.tags.join() ||
  (before.lock !== null && after.lock === null);

/** The cluster or our own limits are to blame, not what was asked. */
const isOurs = (error: unknown): boolean =>
  error instanceof PveUnreachableError || error instanceof PveOverloadedError || error instanceof PveCancelledError;
