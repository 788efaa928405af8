// A batch is what one poll (or one imported answer) brought: rows as typed columns, one block per kind of entity.
// It is the unit of durability: a batch is in the journal as a whole or not at all, together with the collector's marks.
import type { ClusterId, EntityId, EntityKind } from "./ids.ts";
import { type Metric, type MetricId, metricNumber, metricsByKind } from "./metrics.ts";

/** Where a point comes from. The position in the list is its number on disk: append only. */
export const origins = ["export", "resources", "rrd-avg", "rrd-max", "push", "self", "fact", "analysis"] as const;
export type Origin = (typeof origins)[number];

/** One row as an object; for edges and tests. Inside, rows stay columns. Absent values are null, never 0. */
export interface Row {
  readonly id: EntityId;
  /** Milliseconds since the epoch by the clock of the node that measured. For RRD origins the end of the interval, as PVE gives it. */
  readonly ts: number;
  /** Seconds that the point stands for. */
  readonly stepS: number;
  readonly origin: Origin;
  /** Where a guest ran, or the node that a local storage belongs to. */
  readonly node: string | null;
  readonly values: Readonly<Record<MetricId, number | null>>;
}

/** Columns of one kind. `ids` and `nodes` are dictionaries that `idIndex` and `nodeIndex` (0 = none) point into. */
export interface Block {
  readonly kind: EntityKind;
  readonly length: number;
  readonly ids: readonly EntityId[];
  readonly nodes: readonly string[];
  readonly idIndex: Uint32Array;
  readonly nodeIndex: Uint32Array;
  readonly ts: Float64Array;
  readonly stepS: Uint32Array;
  readonly origin: Uint8Array;
  /** By metric id; NaN means absent. A metric that no row has is missing. */
  readonly columns: Readonly<Record<MetricId, Float64Array>>;
}

export interface Batch {
  /** ULID; unique for ever, and sorts by time. */
  readonly batchId: string;
  readonly cluster: ClusterId;
  /** What brought it: "poll", "import", "push", "self", "facts", "analysis". */
  readonly source: string;
  readonly blocks: readonly Block[];
  /** The collector's progress that becomes true with this batch, for instance `export/pve1` → newest timestamp held. */
  readonly marks: Readonly<Record<string, number>>;
}

/** Gathers rows of one kind into columns; grows as needed. */
export class BlockBuilder {
  readonly #kind: EntityKind;
  readonly #metrics: readonly Metric[];
  readonly #idNumbers = new Map<EntityId, number>();
  readonly #nodeNumbers = new Map<string, number>();
  readonly #isUsed: Uint8Array;
  #rows: RowSpace;
  #length = 0;

  constructor(kind: EntityKind, capacity = 64) {
    this.#kind = kind;
    this.#metrics = metricsByKind[kind];
    this.#isUsed = new Uint8Array(this.#metrics.length);
    this.#rows = rowSpace(capacity, this.#metrics.length);
  }

  get length(): number {
    return this.#length;
  }

  /** Begins a row and returns its number, to be filled with `set`. */
  row(id: EntityId, ts: number, stepS: number, origin: Origin, node: string | null): number {
    if (this.#length === this.#rows.capacity) this.#grow();
    const row = this.#length++;
    const rows = this.#rows;
    rows.idIndex[row] = numberOf(this.#idNumbers, id);
    rows.nodeIndex[row] = node === null ? 0 : numberOf(this.#nodeNumbers, node) + 1;
    rows.ts[row] = ts;
    rows.stepS[row] = stepS;
    rows.origin[row] = origins.indexOf(origin);
    return row;
  }

  /** Sets one value; a metric that the catalogue does not have for this kind is a programming error. */
  set(row: number, metric: MetricId, value: number): void {
    const number = metricNumber(this.#kind, metric);
    if (number === undefined) throw new TypeError(`the catalogue has no metric ${this.#kind}.${metric}`);
    this.setNumbered(row, number, value);
  }

  /** As `set`, for a caller that has looked up the metric's number (metricNumber) once and for all. */
  setNumbered(row: number, metric: number, value: number): void {
    this.#isUsed[metric] = 1;
    this.#rows.values[metric * this.#rows.capacity + row] = value;
  }

  get(row: number, metric: MetricId): number | undefined {
    const number = metricNumber(this.#kind, metric);
    const value = number === undefined ? undefined : this.#rows.values[number * this.#rows.capacity + row];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  /** The block's columns are views of the builder's own: it is not to be filled any further. */
  build(): Block {
    const length = this.#length;
    const { capacity, idIndex, nodeIndex, ts, stepS, origin, values } = this.#rows;
    const columns: Record<MetricId, Float64Array> = {};
    for (const [number, { id }] of this.#metrics.entries()) {
      const from = number * capacity;
      if (this.#isUsed[number] === 1) columns[id] = values.subarray(from, from + length);
    }
    return {
      kind: this.#kind,
      length,
      ids: [...this.#idNumbers.keys()],
      nodes: [...this.#nodeNumbers.keys()],
      idIndex: idIndex.subarray(0, length),
      nodeIndex: nodeIndex.subarray(0, length),
      ts: ts.subarray(0, length),
      stepS: stepS.subarray(0, length),
      origin: origin.subarray(0, length),
      columns,
    };
  }

  #grow(): void {
    const before = this.#rows;
    const after = rowSpace(before.capacity * 4, this.#metrics.length);
    after.idIndex.set(before.idIndex);
    after.nodeIndex.set(before.nodeIndex);
    after.ts.set(before.ts);
    after.stepS.set(before.stepS);
    after.origin.set(before.origin);
    for (let metric = 0; metric < this.#metrics.length; metric++) {
      const column = before.values.subarray(metric * before.capacity, (metric + 1) * before.capacity);
      after.values.set(column, metric * after.capacity);
    }
    this.#rows = after;
  }
}

/** Columns with room for `capacity` rows; `values` holds one metric after the other, by number. */
interface RowSpace {
  readonly capacity: number;
  readonly ts: Float64Array;
  readonly idIndex: Uint32Array;
  readonly nodeIndex: Uint32Array;
  readonly stepS: Uint32Array;
  readonly origin: Uint8Array;
  readonly values: Float64Array;
}

/** Two buffers for all columns: a buffer each, poll after poll, keeps the garbage collector busier than the rows do. */
function rowSpace(capacity: number, metrics: number): RowSpace {
  const fixed = new ArrayBuffer(capacity * (8 + 3 * 4 + 1));
  return {
    capacity,
    ts: new Float64Array(fixed, 0, capacity),
    idIndex: new Uint32Array(fixed, 8 * capacity, capacity),
    nodeIndex: new Uint32Array(fixed, 12 * capacity, capacity),
    stepS: new Uint32Array(fixed, 16 * capacity, capacity),
    origin: new Uint8Array(fixed, 20 * capacity, capacity),
    values: new Float64Array(capacity * metrics).fill(Number.NaN),
  };
}

function numberOf(dictionary: Map<string, number>, key: string): number {
  const known = dictionary.get(key);
  if (known !== undefined) return known;
  dictionary.set(key, dictionary.size);
  return dictionary.size - 1;
}

export const rowCount = (batch: Pick<Batch, "blocks">): number =>
  batch.blocks.reduce((sum, block) => sum + block.length, 0);

/** The rows of a batch as objects, block by block. */
export function* rowsOf(batch: Pick<Batch, "blocks">): Generator<Row> {
  for (const block of batch.blocks) {
    for (let row = 0; row < block.length; row++) yield rowAt(block, row);
  }
}

function rowAt(block: Block, row: number): Row {
  const nodeNumber = block.nodeIndex[row] ?? 0;
  const values: Record<MetricId, number | null> = {};
  for (const [metric, column] of Object.entries(block.columns)) {
    const value = column[row];
    if (value !== undefined && !Number.isNaN(value)) values[metric] = value;
  }
  return {
    id: block.ids[block.idIndex[row] ?? 0] ?? "",
    ts: block.ts[row] ?? 0,
    stepS: block.stepS[row] ?? 0,
    origin: origins[block.origin[row] ?? 0] ?? "export",
    node: nodeNumber === 0 ? null : (block.nodes[nodeNumber - 1] ?? null),
    values,
  };
}

/** Blocks from rows; for edges and tests. */
export function blocksFromRows(kindOf: (id: EntityId) => EntityKind, rows: Iterable<Row>): Block[] {
  const builders = new Map<EntityKind, BlockBuilder>();
  for (const row of rows) {
    const kind = kindOf(row.id);
    const builder = builders.get(kind) ?? new BlockBuilder(kind);
    builders.set(kind, builder);
    const number = builder.row(row.id, row.ts, row.stepS, row.origin, row.node);
    for (const [metric, value] of Object.entries(row.values)) if (value !== null) builder.set(number, metric, value);
  }
  return [...builders.values()].map((builder) => builder.build());
}
