// Rows that a sink can never take, one JSON object per line, for a person to look at. Bounded: a full file becomes the
// older one of two. A row is written once, however often its batch is delivered.
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type Batch, rowsOf } from "../../model/batch.ts";
import type { Rejection } from "../../model/sink.ts";

export class DeadLetters {
  readonly path: string;
  readonly #olderPath: string;
  readonly #maxBytes: number;
  /** Rows of the current file; read when the first one comes. */
  #known: Set<string> | undefined;
  #bytes = 0;

  constructor(directory: string, maxBytes: number) {
    this.path = join(directory, "rejected.jsonl");
    this.#olderPath = join(directory, "rejected.older.jsonl");
    this.#maxBytes = maxBytes;
  }

  /** Returns how many of the rows were not there yet; they are on the disk then. Throws what the file system throws. */
  add(batch: Batch, rejections: readonly Rejection[], nowMs: number): number {
    const known = this.#load();
    const fresh = rejections.filter(({ row }) => !known.has(keyOf(batch.batchId, row)));
    if (fresh.length === 0) return 0;
    if (this.#bytes > this.#maxBytes) this.#turnOver(known);
    const lines = Buffer.from(linesOf(batch, fresh, nowMs), "utf8");
    this.#append(lines);
    this.#bytes += lines.length;
    for (const { row } of fresh) known.add(keyOf(batch.batchId, row));
    return fresh.length;
  }

  #load(): Set<string> {
    this.#known ??= this.#read();
    return this.#known;
  }

  #read(): Set<string> {
    if (!existsSync(this.path)) return new Set();
    const text = readFileSync(this.path);
    // What a crash cut short is written again, because its batch is delivered again.
    this.#bytes = text.lastIndexOf("\n") + 1;
    if (this.#bytes < text.length) truncateSync(this.path, this.#bytes);
    const lines = text.toString("utf8", 0, this.#bytes).split("\n");
    return new Set(lines.flatMap((line) => keyOfLine(line)));
  }

  #turnOver(known: Set<string>): void {
    renameSync(this.path, this.#olderPath);
    this.#bytes = 0;
    known.clear();
  }

  #append(lines: Buffer): void {
    const file = openSync(this.path, "a", 0o640);
    try {
      for (let done = 0; done < lines.length; ) done += writeSync(file, lines, done);
      fdatasyncSync(file);
    } catch (error) {
      // Half a line must not stay in front of the next one.
      truncateSync(this.path, this.#bytes);
      throw error;
    } finally {
      closeSync(file);
    }
  }
}

const keyOf = (batchId: string, row: number): string => `${batchId}/${row}`;

function keyOfLine(line: string): string[] {
  try {
    const { batch_id, row_number } = JSON.parse(line) as { batch_id: string; row_number: number };
    return [keyOf(batch_id, row_number)];
  } catch {
    // The empty text behind the last line, or a line that somebody edited.
    return [];
  }
}

function linesOf(batch: Batch, rejections: readonly Rejection[], nowMs: number): string {
  const reasons = new Map(rejections.map(({ row, reason }) => [row, reason]));
  const lines: string[] = [];
  let number = 0;
  for (const { id, ts, stepS, origin, node, values } of rowsOf(batch)) {
    const reason = reasons.get(number);
    const row = { id, ts: new Date(ts).toISOString(), step_s: stepS, origin, node, values };
    const where = { batch_id: batch.batchId, row_number: number, reason };
    if (reason !== undefined) lines.push(JSON.stringify({ at: new Date(nowMs).toISOString(), ...where, row }));
    number++;
  }
  return lines.map((line) => `${line}\n`).join("");
}
