// Keeps descriptions and finished tasks in the state database, so that a restart knows what was there before.
// The database must never hold up the present: a failed write is a problem on the list, and is made good by the next one.
import { describeError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { CollectorEvent } from "../model/collector.ts";
import type { EntityId } from "../model/ids.ts";
import type { Entity, Task } from "../model/inventory.ts";
import type { ProblemSink } from "../model/problem.ts";
import type { State } from "../store/index.ts";

const code = "state_not_written";

export class StateKeeper {
  readonly #state: Pick<State, "entities" | "tasks">;
  readonly #problems: ProblemSink;
  readonly #log: Log;
  readonly #entities = new Map<EntityId, Entity>();
  readonly #tasks = new Map<string, Task>();
  readonly #kept = new Set<string>();
  #writing: Promise<void> = Promise.resolve();

  constructor(state: Pick<State, "entities" | "tasks">, problems: ProblemSink, log: Log) {
    this.#state = state;
    this.#problems = problems;
    this.#log = log;
  }

  take(event: CollectorEvent): void {
    if (event.type === "inventory") this.add(event.changed);
    else if (event.type === "tasks") this.#addTasks(event.tasks);
    else return;
    if (this.#entities.size + this.#tasks.size > 0) this.#writing = this.#writing.then(() => this.#write());
  }

  /** Without writing yet; for the last look before the end. */
  add(entities: readonly Entity[]): void {
    for (const entity of entities) this.#entities.set(entity.id, entity);
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  #addTasks(tasks: readonly Task[]): void {
    for (const task of tasks) {
      if (task.state !== "running" && !this.#kept.has(task.upid)) this.#tasks.set(task.upid, task);
    }
  }

  async #write(): Promise<void> {
    const entities = [...this.#entities.values()];
    const tasks = [...this.#tasks.values()];
    if (entities.length + tasks.length === 0) return;
    try {
      await this.#state.entities.save(entities);
      await this.#state.tasks.save(tasks);
    } catch (error) {
      this.#fail(error);
      return;
    }
    // Only what was written is done with: a newer description may have come in meanwhile.
    for (const entity of entities) if (this.#entities.get(entity.id) === entity) this.#entities.delete(entity.id);
    for (const { upid } of tasks) {
      this.#tasks.delete(upid);
      this.#kept.add(upid);
    }
    this.#problems.clear(code, "pilothouse");
  }

  #fail(error: unknown): void {
    this.#log.warn({ err: error }, "state not written");
    this.#problems.raise({
      code,
      subject: "pilothouse",
      severity: "warning",
      message: `The state database cannot be written: ${describeError(error)}`,
      remedy: "Free space in the data directory and check its rights; nothing is lost while the service runs.",
    });
  }
}
