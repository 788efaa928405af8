// Connections for questions: few at a time, each with a deadline after which it is interrupted.
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { LimitError } from "../../../lib/errors.ts";

/**
 * Two at a time: a question occupies a thread of libuv's pool of four until it is answered, and the rest of the process
 * (name lookups, password hashes, files) needs the others.
 */
const concurrency = 2;

export class QueryLane {
  readonly #connections: readonly DuckDBConnection[];
  readonly #idle: DuckDBConnection[];
  readonly #deadlineMs: number;
  readonly #running = new Set<Promise<void>>();
  readonly #waiting: ((connection: DuckDBConnection) => void)[] = [];

  private constructor(connections: DuckDBConnection[], deadlineMs: number) {
    this.#connections = connections;
    this.#idle = [...connections];
    this.#deadlineMs = deadlineMs;
  }

  static async open(instance: DuckDBInstance, deadlineMs: number): Promise<QueryLane> {
    const connections: DuckDBConnection[] = [];
    for (let i = 0; i < concurrency; i++) connections.push(await instance.connect());
    return new QueryLane(connections, deadlineMs);
  }

  /** Runs `work` in a read transaction. Throws a LimitError when it takes longer than the deadline. */
  async run<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#take();
    const running = this.#answer(connection, work);
    const ended = running.then(
      () => undefined,
      () => undefined,
    );
    this.#running.add(ended);
    try {
      return await running;
    } finally {
      this.#running.delete(ended);
    }
  }

  async #answer<T>(connection: DuckDBConnection, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const deadline = new Deadline(this.#deadlineMs, connection);
    try {
      await connection.run("BEGIN");
      return await work(connection);
    } catch (error) {
      if (!deadline.passed) throw error;
      throw new LimitError(
        `The query took longer than ${this.#deadlineMs / 1000} s and was stopped: ask for fewer ids, a shorter range or a longer step.`,
        { cause: error },
      );
    } finally {
      deadline.clear();
      await connection.run("ROLLBACK").catch(() => undefined);
      this.#give(connection);
    }
  }

  /** Resolves when every question that runs now has ended; later ones are not waited for. */
  async quiet(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Stops what is running and closes the connections once they are free. */
  async close(): Promise<void> {
    for (const connection of this.#connections) if (!this.#idle.includes(connection)) connection.interrupt();
    for (let closed = 0; closed < concurrency; closed++) (await this.#take()).closeSync();
  }

  async #take(): Promise<DuckDBConnection> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #give(connection: DuckDBConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection);
    else next(connection);
  }
}

/** An interrupt only stops the statement that is running, and a question has several: so it is repeated. */
class Deadline {
  readonly #timer: NodeJS.Timeout;
  #repeat: NodeJS.Timeout | undefined;
  passed = false;

  constructor(ms: number, connection: DuckDBConnection) {
    this.#timer = setTimeout(() => {
      this.passed = true;
      connection.interrupt();
      this.#repeat = setInterval(() => connection.interrupt(), 50);
    }, ms);
  }

  clear(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#repeat);
  }
}
