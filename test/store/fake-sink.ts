// A sink that behaves as servers do: it keeps rows by series and time, and fails in every way that servers fail in.
import { SinkError } from "../../src/lib/errors.ts";
import { type Batch, type Row, rowCount, rowsOf } from "../../src/model/batch.ts";
import type { Sink, SinkTraffic, SinkWrite } from "../../src/model/sink.ts";
import type { SinkKind } from "../../src/store/sinks/sink-kind.ts";

/**
 * refuses: 503 · unauthorised: 401 · hangs: no answer, the signal is ignored · loses-ack: the rows are stored, the answer
 * is not · forgets: says that it has stored them and has not
 */
export type Fault = "none" | "refuses" | "unauthorised" | "hangs" | "loses-ack" | "forgets";

const keyOf = ({ id, ts, stepS, origin }: Row): string => `${id} ${ts} ${stepS} ${origin}`;

export class FakeSink implements Sink {
  readonly name: string;
  fault: Fault = "none";
  /** Rows that it can never take. */
  isPoison: (row: Row) => boolean = () => false;
  /** True: it says which rows it refuses, and takes the others. False: it refuses everything that comes with them. */
  tellsRows = false;
  /** For a test that measures memory. */
  keepsNothing = false;
  readonly rows = new Map<string, Row>();
  /** In the order of arrival, repetitions included. */
  readonly taken: { readonly batchId: string; readonly at: number }[] = [];
  attempts = 0;
  #traffic: SinkTraffic = { writes: 0, rows: 0, bytes: 0 };

  constructor(name = "fake") {
    this.name = name;
  }

  async write(batch: Batch): Promise<SinkWrite> {
    this.attempts++;
    await this.#failBefore();
    if (this.keepsNothing) return { rejected: [] };
    const rows = [...rowsOf(batch)];
    const poison = rows.flatMap((row, number) => (this.isPoison(row) ? [number] : []));
    if (poison.length > 0 && !this.tellsRows) throw new SinkError("unable to parse a line", "malformed");
    if (this.fault !== "forgets") this.#keep(batch, rows, new Set(poison));
    if (this.fault === "loses-ack") throw new SinkError("socket hang up", "passing");
    const { writes, rows: before } = this.#traffic;
    this.#traffic = { writes: writes + 1, rows: before + rowCount(batch), bytes: 0 };
    return { rejected: poison.map((row) => ({ row, reason: "field type conflict" })) };
  }

  async verify(batch: Batch): Promise<boolean> {
    if (this.fault !== "forgets") await this.#failBefore();
    if (this.keepsNothing) return true;
    return [...rowsOf(batch)].every((row) => sameValues(this.rows.get(keyOf(row)), row));
  }

  stats(): SinkTraffic {
    return this.#traffic;
  }

  async close(): Promise<void> {
    return Promise.resolve();
  }

  async #failBefore(): Promise<void> {
    if (this.fault === "refuses") throw new SinkError("503 Service Unavailable", "passing");
    if (this.fault === "unauthorised") throw new SinkError("401 unauthorized access: check its token", "person");
    if (this.fault === "hangs") await new Promise(() => undefined);
  }

  #keep(batch: Batch, rows: readonly Row[], without: ReadonlySet<number>): void {
    for (const [number, row] of rows.entries()) if (!without.has(number)) this.rows.set(keyOf(row), row);
    this.taken.push({ batchId: batch.batchId, at: performance.now() });
  }
}

const sameValues = (stored: Row | undefined, row: Row): boolean =>
  stored !== undefined &&
  Object.entries(row.values).every(([metric, value]) => Object.is(stored.values[metric], value));

/** A registry of one kind, which opens the sinks of a test by their names. */
export const kindsOf = (...sinks: readonly FakeSink[]): readonly SinkKind[] => [
  {
    kind: "fake",
    summary: "A sink of the tests",
    open: async ({ name }) => {
      const found = sinks.find((sink) => sink.name === name);
      if (found === undefined) throw new TypeError(`the test has no sink ${name}`);
      return found;
    },
  },
];

export const settingsOf = (...sinks: readonly FakeSink[]) =>
  sinks.map(({ name }) => ({ name, kind: "fake", options: {} }));
