// A batch is what one poll (or one imported answer) brought: rows as typed columns, one block per kind of entity.
// It is the unit of durability: a batch is in the journal as a whole or not at all, together with the collector's marks.
import type { ClusterId, EntityId, EntityKind } from "./ids.ts";
import { type MetricId, metricsByKind } from "./metrics.ts";

/** Where a point comes from. The position in the list is its number on disk: append only. */
export const origins = ["export", "resources", "rrd-avg", "rrd-max", "push", "self"] as const;
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
  /** What brought it: "poll", "import", "push", "self". */
  readonly source: string;
  readonly blocks: readonly Block[];
  /** The collector's progress that becomes true with this batch, for instance `export/pve1` → newest timestamp held. */
  readonly marks: Readonly<Record<string, number>>;
}

/** Gathers rows of one kind into columns; grows as needed. */
export class BlockBuilder {
  readonly #kind: EntityKind;
  readonly #metricIds: readonly MetricId[];
  readonly #idNumbers = new Map<EntityId, number>();
  readonly #nodeNumbers = new Map<string, number>();
  readonly #columns = new Map<MetricId, Float64Array>();
  #idIndex: Uint32Array;
  #nodeIndex: Uint32Array;
  #ts: Float64Array;
  #stepS: Uint32Array;
  #origin: Uint8Array;
  #length = 0;

  constructor(kind: EntityKind, capacity = 256) {
    this.#kind = kind;
    this.#metricIds = metricsByKind[kind].map((metric) => metric.id);
    this.#idIndex = new Uint32Array(capacity);
    this.#nodeIndex = new Uint32Array(capacity);
    this.#ts = new Float64Array(capacity);
    this.#stepS = new Uint32Array(capacity);
    this.#origin = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Begins a row and returns its number, to be filled with `set`. */
  row(id: EntityId, ts: number, stepS: number, origin: Origin, node: string | null): number {
    if (this.#length === this.#ts.length) this.#grow();
    const row = this.#length++;
    this.#idIndex[row] = numberOf(this.#idNumbers, id);
    this.#nodeIndex[row] = node === null ? 0 : numberOf(this.#nodeNumbers, node) + 1;
    this.#ts[row] = ts;
    this.#stepS[row] = stepS;
    this.#origin[row] = origins.indexOf(origin);
    return row;
  }

  /** Sets one value; a metric that the catalogue does not have for this kind is a programming error. */
  set(row: number, metric: MetricId, value: number): void {
    const column = this.#columns.get(metric) ?? this.#addColumn(metric);
    column[row] = value;
  }

  get(row: number, metric: MetricId): number | undefined {
    const value = this.#columns.get(metric)?.[row];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  build(): Block {
    const length = this.#length;
    return {
      kind: this.#kind,
      length,
      ids: [...this.#idNumbers.keys()],
      nodes: [...this.#nodeNumbers.keys()],
      idIndex: this.#idIndex.slice(0, length),
      nodeIndex: this.#nodeIndex.slice(0, length),
      ts: this.#ts.slice(0, length),
      stepS: this.#stepS.slice(0, length),
      origin: this.#origin.slice(0, length),
      columns: Object.fromEntries([...this.#columns].map(([metric, column]) => [metric, column.slice(0, length)])),
    };
  }

  #addColumn(metric: MetricId): Float64Array {
    if (!this.#metricIds.includes(metric)) throw new TypeError(`the catalogue has no metric ${this.#kind}.${metric}`);
    const column = new Float64Array(this.#ts.length).fill(Number.NaN);
    this.#columns.set(metric, column);
    return column;
  }

  #grow(): void {
    const capacity = this.#ts.length * 2;
    this.#idIndex = copyInto(new Uint32Array(capacity), this.#idIndex);
    this.#nodeIndex = copyInto(new Uint32Array(capacity), this.#nodeIndex);
    this.#ts = copyInto(new Float64Array(capacity), this.#ts);
    this.#stepS = copyInto(new Uint32Array(capacity), this.#stepS);
    this.#origin = copyInto(new Uint8Array(capacity), this.#origin);
    for (const [metric, column] of this.#columns) {
      this.#columns.set(metric, copyInto(new Float64Array(capacity).fill(Number.NaN), column));
    }
  }
}

function numberOf(dictionary: Map<string, number>, key: string): number {
  const known = dictionary.get(key);
  if (known !== undefined) return known;
  dictionary.set(key, dictionary.size);
  return dictionary.size - 1;
}

function copyInto<T extends Float64Array | Uint32Array | Uint8Array>(target: T, source: T): T {
  target.set(source);
  return target;
}

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
