// Tasks of every node: those that a request started, and the ones that the cluster starts by itself every night.
import type { SimGuest, SimNode } from "./entities.ts";
import { type NightPlan, nightlyTasks } from "./nightly-tasks.ts";
import { hash } from "./random.ts";
import { makeTask, type SimTask } from "./task.ts";

const dayS = 86_400;
/** PVE keeps some thousand finished tasks per node; a week of nights is about as much. */
const keptNights = 7;

export interface TaskWorld {
  readonly nowS: number;
  readonly nodes: ReadonlyMap<string, SimNode>;
  readonly guests: ReadonlyMap<number, SimGuest>;
  readonly seed: number;
}

export class TaskLog {
  readonly #world: TaskWorld;
  readonly #started: SimTask[] = [];
  readonly #nights = new Map<number, readonly SimTask[]>();
  #count = 0;

  constructor(world: TaskWorld) {
    this.#world = world;
  }

  /** Registers a running task that ends after `durationS`; the caller sets `exit` then. */
  start(plan: {
    readonly node: string;
    readonly type: string;
    readonly id: string;
    readonly user: string;
    readonly durationS: number;
  }): SimTask {
    const startS = Math.floor(this.#world.nowS);
    const bootedAtS = this.#world.nodes.get(plan.node)?.bootedAtS ?? startS;
    const task = makeTask({ ...plan, startS, endS: startS + plan.durationS, bootedAtS, salt: hash(7, this.#count++) });
    this.#started.push(task);
    if (this.#started.length > 2000) this.#started.splice(0, 1000);
    return task;
  }

  /** Everything that has started by now and is still remembered, newest first. */
  list(node?: string): readonly SimTask[] {
    const { nowS } = this.#world;
    const today = Math.floor(nowS / dayS);
    const tasks = [...this.#started];
    for (let day = today - keptNights; day <= today; day++) tasks.push(...this.#night(day));
    return tasks
      .filter((task) => task.startS <= nowS && (node === undefined || task.node === node))
      .sort((a, b) => b.startS - a.startS || (a.upid < b.upid ? 1 : -1));
  }

  find(upid: string): SimTask | undefined {
    return this.list().find((task) => task.upid === upid);
  }

  /** vmids that a backup holds locked at this moment. */
  backedUpNow(): ReadonlySet<number> {
    const { nowS } = this.#world;
    const running = this.#night(Math.floor(nowS / dayS)).filter(
      (task) => task.type === "vzdump" && task.startS <= nowS && task.endS > nowS,
    );
    return new Set(running.map((task) => Number(task.id)));
  }

  isRunning(task: SimTask): boolean {
    return task.endS > this.#world.nowS || task.exit === undefined;
  }

  /** A night is planned when it is first asked for, with the guests that exist then. */
  #night(day: number): readonly SimTask[] {
    const known = this.#nights.get(day);
    if (known !== undefined) return known;
    const plan: NightPlan = { ...pick(this.#world), midnightS: day * dayS };
    const tasks = nightlyTasks(plan);
    this.#nights.set(day, tasks);
    for (const old of this.#nights.keys()) if (old < day - keptNights - 1) this.#nights.delete(old);
    return tasks;
  }
}

const pick = (world: TaskWorld): Omit<NightPlan, "midnightS"> => ({
  nodes: [...world.nodes.values()],
  guests: [...world.guests.values()],
  seed: world.seed,
});
