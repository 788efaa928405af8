// The one connection that writes: one thing at a time, each in a transaction, with what is kept in memory of it. After a
// failed transaction appenders may hold rows of it, and the memory its numbers: both are made anew.
import type { DuckDBConnection } from "@duckdb/node-api";
import { DriverState } from "./dictionaries.ts";
import { TableWriters } from "./table-writers.ts";

export class WriteLane {
  readonly connection: DuckDBConnection;
  readonly writers: TableWriters;
  #state: DriverState;
  #inTurn: Promise<unknown> = Promise.resolve();

  constructor(connection: DuckDBConnection, state: DriverState) {
    this.connection = connection;
    this.writers = new TableWriters(connection);
    this.#state = state;
  }

  /** Of the last committed transaction and the one that runs; another object after one that failed. */
  get state(): DriverState {
    return this.#state;
  }

  /** One thing at a time, in the order of asking. */
  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#inTurn.then(work, work);
    this.#inTurn = turn.catch(() => undefined);
    return turn;
  }

  /** As `exclusive`, and either all of it happens or nothing. */
  async change<T>(work: () => Promise<T>): Promise<T> {
    return this.exclusive(() => this.transaction(work));
  }

  /** For work that is exclusive already. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.connection.run("BEGIN");
    try {
      const result = await work();
      await this.connection.run("COMMIT");
      this.#state.committed();
      return result;
    } catch (error) {
      this.writers.discard();
      await this.connection.run("ROLLBACK").catch(() => undefined);
      this.#state = await DriverState.load(this.connection);
      throw error;
    }
  }
}
