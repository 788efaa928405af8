// What one sink has, durably: a small file, replaced as a whole. It may lag behind what was delivered, because to deliver
// again is harmless; it must never run ahead.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { entityKinds } from "../../model/ids.ts";
import { syncDirectory } from "../append-file.ts";
import { SeqRanges } from "./seq-ranges.ts";

const count = z.number().int().min(0);

const BackfillPosition = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  /** Windows are given newest first: all that lies from here on was given. */
  beforeMs: z.number(),
  /** Within the window before it: the kind under way, and how many of its series were given. */
  kind: z.enum(entityKinds),
  series: count,
});
export type BackfillPosition = z.infer<typeof BackfillPosition>;

const CursorFile = z.object({
  v: z.literal(1),
  savedAt: z.number(),
  /** When it last had everything. */
  completeAt: z.number(),
  /** Records that need no delivery any more. */
  done: z.array(z.tuple([z.number().int(), z.number().int()])),
  /** A read-back has found everything up to here. */
  verified: z.number().int(),
  /** Rows that were rejected, by record, until it is verified without them. */
  rejected: z.record(z.string(), z.array(count)),
  batchesDropped: count,
  batchesResent: count,
  rowsRejected: count,
  backfill: BackfillPosition.nullable(),
});
type CursorFile = z.infer<typeof CursorFile>;

export class SinkCursor {
  readonly #path: string;
  readonly #directory: string;
  readonly done: SeqRanges;
  readonly rejectedRows: Map<number, readonly number[]>;
  /** When the file was last written before this start; undefined for a sink that was never seen. */
  readonly savedAt: number | undefined;
  completeAt: number;
  verified: number;
  batchesDropped: number;
  batchesResent: number;
  rowsRejected: number;
  backfill: BackfillPosition | null;
  #savedVerified: number;
  #changed = false;

  /** Opens or begins the cursor. One that cannot be read is put aside; then everything in the journal is delivered again. */
  constructor(directory: string, nowMs: number) {
    mkdirSync(directory, { recursive: true, mode: 0o750 });
    this.#directory = directory;
    this.#path = join(directory, "cursor.json");
    const saved = readCursor(this.#path, nowMs);
    this.savedAt = saved?.savedAt;
    this.done = new SeqRanges(saved?.done);
    this.rejectedRows = new Map(Object.entries(saved?.rejected ?? {}).map(([seq, rows]) => [Number(seq), rows]));
    this.completeAt = saved?.completeAt ?? 0;
    this.verified = saved?.verified ?? 0;
    this.#savedVerified = this.verified;
    this.batchesDropped = saved?.batchesDropped ?? 0;
    this.batchesResent = saved?.batchesResent ?? 0;
    this.rowsRejected = saved?.rowsRejected ?? 0;
    this.backfill = saved?.backfill ?? null;
  }

  /** Everything up to here is read back, and the disk knows it. */
  get savedVerified(): number {
    return this.#savedVerified;
  }

  get isSaved(): boolean {
    return !this.#changed;
  }

  touch(): void {
    this.#changed = true;
  }

  /** Throws what the file system throws; the old file is then still whole. */
  save(nowMs: number): void {
    const { verified } = this;
    const temporary = `${this.#path}.new`;
    writeFileSync(temporary, JSON.stringify(this.#content(nowMs)), { mode: 0o640 });
    syncFile(temporary);
    renameSync(temporary, this.#path);
    syncDirectory(this.#directory);
    this.#savedVerified = verified;
    this.#changed = false;
  }

  #content(nowMs: number): CursorFile {
    return {
      v: 1,
      savedAt: nowMs,
      completeAt: this.completeAt,
      done: this.done.list(),
      verified: this.verified,
      rejected: Object.fromEntries([...this.rejectedRows].map(([seq, rows]) => [String(seq), [...rows]])),
      batchesDropped: this.batchesDropped,
      batchesResent: this.batchesResent,
      rowsRejected: this.rowsRejected,
      backfill: this.backfill,
    };
  }
}

function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function readCursor(path: string, nowMs: number): CursorFile | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return CursorFile.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    renameSync(path, `${path}.corrupt-${nowMs}`);
    return undefined;
  }
}
