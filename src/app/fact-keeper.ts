// Takes in what the collector reads of slow facts: the book holds them, the state database keeps them with their history,
// changes become events, and the rules raise and clear problems.

import type { Clock } from "../lib/clock.ts";
import { describeError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { FactBook } from "../live/fact-book.ts";
import { judgeFacts } from "../live/fact-rules.ts";
import type { CollectorEvent } from "../model/collector.ts";
import type { NewEvent } from "../model/event.ts";
import type { FactChange, FactReading } from "../model/facts.ts";
import type { FleetView } from "../model/fleet.ts";
import type { ClusterId, EntityId } from "../model/ids.ts";
import type { Entity, Task } from "../model/inventory.ts";
import type { ProblemSink } from "../model/problem.ts";
import type { State } from "../store/index.ts";
import { changeAuthor, changeEvent, taskEvent } from "./fact-events.ts";

export interface FactKeeperOptions {
  readonly state: Pick<State, "facts" | "events">;
  readonly book: FactBook;
  readonly fleet: FleetView;
  readonly problems: ProblemSink;
  readonly clock: Clock;
  readonly log: Log;
}

const failureCode = "facts_not_written";
/** Rules look at the clock too: a certificate comes of age without a reading. */
const judgeEveryMs = 60_000;
/** Readings that come close together are written together. */
const writeAfterMs = 500;

export class FactKeeper {
  readonly #options: FactKeeperOptions;
  readonly #open = new Map<string, { readonly code: string; readonly subject: EntityId }>();
  readonly #stopping = new AbortController();
  readonly #judging: Promise<void>;
  #events: NewEvent[] = [];
  #readings: FactReading[] = [];
  #gone = new Set<EntityId>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: FactKeeperOptions) {
    this.#options = options;
    this.#judging = this.#judgeOften();
  }

  take(event: CollectorEvent): void {
    if (event.type === "facts") this.#readings.push(...event.readings);
    else if (event.type === "log") this.#events.push(...event.events);
    else if (event.type === "tasks") this.#events.push(...event.tasks.filter(hasEnded).map((task) => taskEvent(task)));
    else if (event.type === "inventory") this.#noteGone(event.changed);
    else return;
    this.#timer ??= setTimeout(() => this.#writeSoon(), writeAfterMs).unref();
  }

  /** These are not watched any more: what was read of them is written, and then no longer shown. What is stored stays. */
  async leave(ids: ReadonlySet<EntityId>): Promise<void> {
    await this.flush();
    this.#options.book.forget(ids);
    this.judge();
  }

  /** Writes what has been gathered; then the book has it. */
  async flush(): Promise<void> {
    this.#writeSoon();
    await this.#writing;
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.flush(), this.#judging]);
  }

  /** Raises what the facts say is wrong, and clears what they no longer say. */
  judge(): void {
    const { book, clock, fleet, problems } = this.#options;
    const nameOf = (subject: EntityId): string => describe(fleet.get(subject)?.entity) ?? subject;
    const wrong = judgeFacts(book, clock.now(), nameOf);
    const now = new Map(wrong.map(({ code, subject }) => [`${code} ${subject}`, { code, subject }]));
    for (const problem of wrong) problems.raise(problem);
    for (const [key, { code, subject }] of this.#open) if (!now.has(key)) problems.clear(code, subject);
    this.#open.clear();
    for (const [key, problem] of now) this.#open.set(key, problem);
  }

  async #judgeOften(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.judge();
      await this.#options.clock.sleep(judgeEveryMs, signal);
    }
  }

  #noteGone(changed: readonly Entity[]): void {
    for (const { id, goneAt } of changed) if (goneAt !== null) this.#gone.add(id);
  }

  #writeSoon(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
  }

  async #write(): Promise<void> {
    const [readings, events, gone] = [this.#readings, this.#events, this.#gone];
    this.#readings = [];
    this.#events = [];
    this.#gone = new Set();
    try {
      // Log lines and tasks first: they tell who made the changes that the readings show.
      await this.#options.state.events.add(events);
      await this.#writeFacts(readings, gone);
      this.#options.problems.clear(failureCode, "pilothouse");
    } catch (error) {
      this.#fail(error);
    }
    if (readings.length > 0 || gone.size > 0) this.judge();
  }

  async #writeFacts(readings: readonly FactReading[], gone: ReadonlySet<EntityId>): Promise<void> {
    if (readings.length === 0 && gone.size === 0) return;
    const { book, state } = this.#options;
    const results = readings.map((reading) => ({ reading, change: book.apply(reading) }));
    const forgotten = gone.size === 0 ? [] : book.forget(gone);
    const changes = await this.#withAuthors(results.flatMap(({ change }) => change.changes));
    await state.facts.save({
      upserts: results.flatMap(({ change }) => change.written),
      removed: [...results.flatMap(({ change }) => change.removed), ...forgotten],
      changes,
      reads: readings.map(({ cluster, reader, about, at, failures }) => ({ cluster, reader, about, at, failures })),
    });
    const clusterOf = (change: FactChange): ClusterId => change.subject.split("/")[0] ?? "";
    await state.events.add(changes.map((change) => changeEvent(change, clusterOf(change), this.#options.fleet)));
  }

  async #withAuthors(changes: readonly FactChange[]): Promise<FactChange[]> {
    const { state } = this.#options;
    return Promise.all(
      changes.map(async (change) =>
        change.kind === "guest_config" ? { ...change, by: await changeAuthor(change, state.events) } : change,
      ),
    );
  }

  #fail(error: unknown): void {
    const { log, problems } = this.#options;
    log.warn({ err: error }, "facts not written");
    problems.raise({
      code: failureCode,
      subject: "pilothouse",
      severity: "warning",
      message: `Facts and events cannot be written to the state database: ${describeError(error)}`,
      remedy: "Free space in the data directory and check its rights; facts are read again at their next turn.",
    });
  }
}

const hasEnded = (task: Task): boolean => task.state !== "running";

function describe(entity: Entity | undefined): string | undefined {
  if (entity === undefined) return undefined;
  return entity.kind === "guest"
    ? `${entity.type === "lxc" ? "CT" : "VM"} ${entity.vmid} (${entity.name})`
    : entity.name;
}
