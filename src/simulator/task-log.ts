// Tasks of every node: those that a request started, and the ones that the cluster starts by itself every night.
import { type BackupPlan, type BackupRun, backupRuns } from "./backup-plan.ts";
import type { SimGuest, SimNode } from "./entities.ts";
import { nightlyTasks } from "./nightly-tasks.ts";
import { hash } from "./random.ts";
import { makeTask, type SimTask } from "./task.ts";

const dayS = 86_400;
/** PVE keeps some thousand finished tasks per node; a week of nights is about as much. */
const keptNights = 7;
/** Backups are kept longer than tasks. */
const rememberedNights = 120;

export interface TaskWorld {
  readonly nowS: number;
  readonly nodes: ReadonlyMap<string, SimNode>;
  readonly guests: ReadonlyMap<number, SimGuest>;
  readonly seed: number;
  readonly backups: BackupPlan;
}

interface Night {
  readonly runs: readonly BackupRun[];
  readonly tasks: readonly SimTask[];
}

export class TaskLog {
  readonly #world: TaskWorld;
  readonly #started: SimTask[] = [];
  readonly #nights = new Map<number, Night>();
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
    for (let day = today - keptNights; day <= today; day++) tasks.push(...this.#night(day).tasks);
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
    const backups = this.#night(Math.floor(nowS / dayS)).runs.flatMap((run) => run.backups);
    const running = backups.filter((backup) => backup.startS <= nowS && backup.endS > nowS);
    return new Set(running.map((backup) => backup.guest.vmid));
  }

  /** The backups of a night, by days since the epoch. */
  runsOf(day: number): readonly BackupRun[] {
    return this.#night(day).runs;
  }

  isRunning(task: SimTask): boolean {
    return task.endS > this.#world.nowS || task.exit === undefined;
  }

  /** A night is planned when it is first asked for, with the guests that exist then. */
  #night(day: number): Night {
    const known = this.#nights.get(day);
    if (known !== undefined) return known;
    const midnightS = day * dayS;
    const nodes = [...this.#world.nodes.values()];
    const guests = [...this.#world.guests.values()];
    const runs = backupRuns({ plan: this.#world.backups, nodes, guests, midnightS });
    const night = { runs, tasks: nightlyTasks(runs, nodes, this.#world.seed, midnightS) };
    this.#nights.set(day, night);
    if (this.#nights.size > 2 * rememberedNights) this.#forget(day);
    return night;
  }

  #forget(today: number): void {
    for (const old of this.#nights.keys()) if (old < today - rememberedNights) this.#nights.delete(old);
  }
}
