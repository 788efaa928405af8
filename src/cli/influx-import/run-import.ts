// Imports a bucket of PVE's own metric server, window by window, into the store. Progress is a mark in the same batches
// as the rows, so a second start goes on where the first one ended.
import type { Clock } from "../../lib/clock.ts";
import { type Batch, type Block, BlockBuilder, type Origin } from "../../model/batch.ts";
import type { EntityId, EntityKind } from "../../model/ids.ts";
import type { PveBucket, PveBucketRow } from "../../store/index.ts";
import type { Owners } from "./owners.ts";
import { type ImportStep, importSteps } from "./steps.ts";

/** Some 150 KiB as columns. */
const rowsPerBatch = 1_000;

export interface ImportTarget {
  append(batch: Batch): Promise<void>;
  marks(cluster: string): Promise<Readonly<Record<string, number>>>;
}

export interface InfluxImport {
  readonly bucket: PveBucket;
  readonly target: ImportTarget;
  readonly owners: Owners;
  readonly cluster: string;
  /** Names the source in the mark. */
  readonly source: string;
  /** null: from its oldest point, or from where an earlier import ended. */
  readonly fromMs: number | null;
  readonly toMs: number;
  readonly rawDays: number;
  readonly fiveMinuteDays: number;
  readonly entities: number;
  readonly clock: Clock;
  readonly progress: (done: number, total: number, rows: number) => void;
  readonly isStopped: () => boolean;
}

export interface ImportOutcome {
  readonly rows: number;
  /** Windows of things that are not known. */
  readonly unknown: number;
  readonly fromMs: number | null;
  readonly finished: boolean;
}

export const importMarkOf = (source: string): string => `influx-import/${source}`;

/** Throws a SinkError when the server does not answer: what was imported until then stays. */
export async function runInfluxImport(wish: InfluxImport): Promise<ImportOutcome> {
  const fromMs = await beginOf(wish);
  if (fromMs === null || fromMs >= wish.toMs) return { rows: 0, unknown: 0, fromMs, finished: true };
  const steps = importSteps({ ...wish, fromMs, nowMs: wish.clock.now() });
  let [rows, unknown] = [0, 0];
  for (const [number, step] of steps.entries()) {
    if (wish.isStopped()) return { rows, unknown, fromMs, finished: false };
    const found = await wish.bucket.rows(step, wish.owners.nodes);
    const known = await take(wish, step, found);
    rows += known;
    unknown += found.length - known;
    wish.progress(number + 1, steps.length, rows);
  }
  return { rows, unknown, fromMs, finished: true };
}

async function beginOf({ fromMs, bucket, target, cluster, source }: InfluxImport): Promise<number | null> {
  if (fromMs !== null) return fromMs;
  const mark = (await target.marks(cluster))[importMarkOf(source)];
  return mark ?? (await bucket.firstMs());
}

/** In batches that one message to the service holds; the last one, empty or not, has the mark. Returns the known rows. */
async function take(wish: InfluxImport, step: ImportStep, found: readonly PveBucketRow[]): Promise<number> {
  const { owners, cluster, source, target } = wish;
  const known = found.flatMap((row) => {
    const id = owners.of(row);
    return id === undefined ? [] : [{ id, row }];
  });
  for (let at = 0; at === 0 || at < known.length; at += rowsPerBatch) {
    const isLast = at + rowsPerBatch >= known.length;
    await target.append({
      batchId: `influx-import-${source}-${step.fromMs}-${step.stepS}-${at}`,
      cluster,
      source: "import",
      blocks: blocksOf(known.slice(at, at + rowsPerBatch), step),
      marks: isLast ? { [importMarkOf(source)]: step.toMs } : {},
    });
  }
  return known.length;
}

function blocksOf(
  rows: readonly { readonly id: EntityId; readonly row: PveBucketRow }[],
  step: ImportStep,
): readonly Block[] {
  const builders = new Map<EntityKind, BlockBuilder>();
  for (const { id, row } of rows) {
    const builder = builders.get(row.kind) ?? new BlockBuilder(row.kind);
    builders.set(row.kind, builder);
    addValues(builder, id, row.endMs, step.stepS, "rrd-avg", row.averages);
    addValues(builder, id, row.endMs, step.stepS, "rrd-max", row.maxima);
  }
  return [...builders.values()].map((builder) => builder.build());
}

function addValues(
  builder: BlockBuilder,
  id: EntityId,
  ts: number,
  stepS: number,
  origin: Origin,
  values: Readonly<Record<string, number>>,
): void {
  const all = Object.entries(values);
  if (all.length === 0) return;
  const row = builder.row(id, ts, stepS, origin, null);
  for (const [metric, value] of all) builder.set(row, metric, value);
}
