// What the engine is made of, and how its parts are opened.
import { join } from "node:path";
import type { Clock } from "../lib/clock.ts";
import { ConfigError } from "../lib/errors.ts";
import type { OpenAppendFile } from "./append-file.ts";
import { diskError } from "./disk-error.ts";
import type { DriverSettings } from "./drivers/duckdb/duckdb-driver.ts";
import { Journal, type JournalLoss } from "./journal.ts";
import { Reading } from "./reading.ts";
import type { Retention } from "./retention.ts";
import type { DeliveryLimits } from "./sinks/delivery.ts";
import { sinkKinds } from "./sinks/index.ts";
import type { SinkKind, SinkSettings } from "./sinks/sink-kind.ts";
import { Sinks } from "./sinks/sinks.ts";
import { ownProblem, type TellEvent } from "./store-events.ts";

export interface EngineOptions {
  readonly dataDir: string;
  readonly memoryLimit: string;
  readonly segmentBytes: number;
  readonly journalMaxBytes: number;
  readonly retention: Retention;
  readonly queryDeadlineMs: number;
  /** Pending rows, or milliseconds since the oldest of them came, that make DuckDB take them. */
  readonly applyRows: number;
  readonly applyMs: number;
  /** Besides the embedded database. */
  readonly sinks: readonly SinkSettings[];
  /** The sink that graphs are read from; null: the embedded database. */
  readonly readFrom: string | null;
  readonly delivery: DeliveryLimits;
}

export interface EngineParts {
  readonly clock: Clock;
  readonly tell: TellEvent;
  readonly openFile?: OpenAppendFile;
  readonly sinkKinds?: readonly SinkKind[];
  readonly onMoveStep?: DriverSettings["onMoveStep"] & {};
}

const lostDayRemedy =
  "Check the disk, then put the file back from a backup and restart; roll-ups and sketches of the day are still there.";

export const driverSettings = (
  options: EngineOptions,
  { tell, onMoveStep = () => undefined }: Pick<EngineParts, "tell" | "onMoveStep">,
): DriverSettings => ({
  path: join(options.dataDir, "metrics.duckdb"),
  memoryLimit: options.memoryLimit,
  temporaryDirectory: join(options.dataDir, "tmp"),
  parquetDirectory: join(options.dataDir, "parquet"),
  onMoveStep,
  onLostDay: (message) => tell(ownProblem("store_day_lost", "critical", message, lostDayRemedy)),
  queryDeadlineMs: options.queryDeadlineMs,
  retention: options.retention,
});

export const openSinks = async (
  options: EngineOptions,
  { clock, tell, sinkKinds: kinds = sinkKinds }: EngineParts,
): Promise<Sinks> =>
  Sinks.open({
    dataDir: options.dataDir,
    settings: options.sinks,
    kinds,
    clock,
    random: Math.random,
    tell,
    limits: options.delivery,
  });

/** Undefined when the embedded database is read. Throws a ConfigError for a sink that cannot be read. */
export function openReading(
  { readFrom }: Pick<EngineOptions, "readFrom">,
  { clock, tell }: Pick<EngineParts, "clock" | "tell">,
  sinks: Sinks,
): Reading | undefined {
  if (readFrom === null) return undefined;
  const reader = sinks.readerOf(readFrom);
  if (reader === undefined) throw new ConfigError(`There is no sink ${readFrom} that could be read (store.reader).`);
  return new Reading({ reader, clock, tell, statuses: () => sinks.statuses() });
}

export const degradedProblem = (message: string): ReturnType<typeof ownProblem> =>
  ownProblem(
    "store_degraded",
    "critical",
    message,
    "Restore the database from a backup, or let the history fill up again; collecting goes on.",
  );

export function openJournal(
  options: EngineOptions,
  afterSeq: number,
  onLoss: (loss: JournalLoss) => void,
  openFile?: OpenAppendFile,
): Journal {
  const directory = join(options.dataDir, "journal");
  try {
    return new Journal({
      directory,
      segmentBytes: options.segmentBytes,
      maxBytes: options.journalMaxBytes,
      afterSeq,
      onLoss,
      ...(openFile === undefined ? {} : { openFile }),
    });
  } catch (error) {
    throw diskError("The journal cannot be opened in", directory, error);
  }
}
