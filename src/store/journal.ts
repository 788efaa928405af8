// The journal: every batch is here, on the disk, before anybody is told that it is safe. Databases are filled from it
// and may be lost; what the journal acknowledged may not.
//
//   append ─▶ segment file ─▶ fdatasync ─▶ acknowledged       segments: 00000000000000000001.seg, named by first record
//                                  └────▶ heads(from), read(seq) ─▶ sinks ─▶ read-back ─▶ dropThrough(seq)
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type AppendFile, type OpenAppendFile, openAppendFile, syncDirectory } from "./append-file.ts";
import { encodeRecord, type JournalEntry, payloadOf, type RecordHead } from "./journal-record.ts";
import { listSegments, Segment, segmentName } from "./journal-segment.ts";

/** Records that are gone, and why. `batches` is exact: sequence numbers have no holes of their own. */
export interface JournalLoss {
  readonly reason: "torn" | "damaged" | "full";
  readonly file: string;
  readonly bytes: number;
  /** First and last sequence number lost; none for a torn tail, which nobody was promised. */
  readonly seqs: readonly [first: number, last: number] | null;
}

export interface JournalOptions {
  readonly directory: string;
  /** A new segment begins when the last one has grown past this. */
  readonly segmentBytes: number;
  /** Above it the oldest segment goes, whether it was read or not: the newest samples matter more. */
  readonly maxBytes: number;
  /** The database has everything up to here; numbering never goes back behind it. */
  readonly afterSeq: number;
  readonly onLoss: (loss: JournalLoss) => void;
  readonly openFile?: OpenAppendFile;
}

export class Journal {
  readonly #options: JournalOptions;
  readonly #openFile: OpenAppendFile;
  readonly #segments: Segment[];
  #file: AppendFile | undefined;
  #lastSeq: number;
  /** Set when a failed write could not be cut off: what follows goes into another segment, which then counts. */
  #spoiled = false;
  /** Damage is reported once, however often the segment is read. */
  readonly #reported = new Set<string>();

  /** Opens the directory, makes it when missing, and cuts a torn tail off the newest segment. */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#openFile = options.openFile ?? openAppendFile;
    mkdirSync(options.directory, { recursive: true, mode: 0o750 });
    this.#segments = listSegments(options.directory);
    this.#lastSeq = Math.max(options.afterSeq, this.#recoverTail());
  }

  get firstSeq(): number {
    return this.#segments[0]?.firstSeq ?? this.#lastSeq + 1;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  get segmentCount(): number {
    return this.#segments.length;
  }

  /**
   * Writes the entries as one group and returns the sequence number of the first. When this returns they are on the
   * disk; when it throws, none of them is in the journal.
   */
  append(entries: readonly JournalEntry[]): number {
    const first = this.#lastSeq + 1;
    const records = entries.map((entry, index) => encodeRecord(first + index, entry));
    const segment = this.#segmentFor(first);
    this.#write(segment, records.length === 1 && records[0] !== undefined ? records[0] : Buffer.concat(records));
    segment.grow(records.map(({ length }, index) => ({ seq: first + index, bytes: length })));
    this.#lastSeq += entries.length;
    this.#enforceBound();
    return first;
  }

  /** One payload; undefined when the record is not here any more, or damaged, which is then reported as a loss. */
  read(seq: number): ArrayBuffer | undefined {
    const segment = this.#segmentOf(seq);
    if (segment === undefined) return undefined;
    const record = segment.record(seq);
    if (record === undefined) this.#reportDamage(segment, seq, seq);
    return record === undefined ? undefined : payloadOf(record);
  }

  /** What is known of every record from a number on, without inflating any. Unreadable ones are reported as a loss. */
  *heads(fromSeq: number): Generator<{ readonly seq: number; readonly head: RecordHead }> {
    let expected = Math.max(fromSeq, this.firstSeq);
    for (const [index, segment] of [...this.#segments].entries()) {
      const next = this.#segments[index + 1]?.firstSeq ?? this.#lastSeq + 1;
      if (next <= fromSeq) continue;
      for (const found of segment.heads(expected)) {
        if (found.seq >= next) continue;
        if (found.seq > expected) this.#reportDamage(segment, expected, found.seq - 1);
        expected = found.seq + 1;
        yield found;
      }
      if (expected < next) this.#reportDamage(segment, expected, next - 1);
      expected = next;
    }
  }

  /** Removes the segments whose records are all at or below `seq`; the newest segment stays. */
  dropThrough(seq: number): number {
    let dropped = 0;
    while (this.#segments.length > 1 && (this.#segments[1]?.firstSeq ?? 0) <= seq + 1) {
      this.#removeOldest();
      dropped++;
    }
    if (dropped > 0) syncDirectory(this.#options.directory);
    return dropped;
  }

  close(): void {
    this.#closeFile();
  }

  #recoverTail(): number {
    const segment = this.#segments.at(-1);
    if (segment === undefined) return 0;
    let lastSeq = segment.firstSeq - 1;
    let end = 0;
    for (const found of segment.scan()) {
      if (found.kind === "damage") continue;
      lastSeq = found.seq;
      end = found.end;
    }
    if (end < segment.bytes) this.#cutTail(segment, end);
    return lastSeq;
  }

  #cutTail(segment: Segment, end: number): void {
    const tail = readFileSync(segment.path).subarray(end);
    try {
      writeFileSync(freeName(`${segment.path}.torn`), tail, { mode: 0o640 });
      truncateSync(segment.path, end);
      segment.cutTo(end);
    } catch {
      // A full disk: the tail stays where it is, which only costs a scan, and the next record goes into a new segment.
      this.#spoiled = true;
    }
    this.#options.onLoss({ reason: "torn", file: segment.path, bytes: tail.length, seqs: null });
  }

  #segmentOf(seq: number): Segment | undefined {
    if (seq > this.#lastSeq) return undefined;
    return this.#segments.findLast(({ firstSeq }) => firstSeq <= seq);
  }

  #reportDamage(segment: Segment, first: number, last: number): void {
    const key = `${segment.path}:${first}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#options.onLoss({ reason: "damaged", file: segment.path, bytes: 0, seqs: [first, last] });
  }

  #segmentFor(firstSeq: number): Segment {
    const last = this.#segments.at(-1);
    if (this.#file !== undefined && last !== undefined && last.bytes < this.#options.segmentBytes) return last;
    if (this.#file === undefined && last !== undefined && this.#canContinue(last, firstSeq)) {
      this.#file = this.#openFile(last.path);
      return last;
    }
    this.#closeFile();
    this.#spoiled = false;
    const path = join(this.#options.directory, segmentName(firstSeq));
    if (last?.path === path) this.#removeNewest();
    this.#file = this.#openFile(path);
    syncDirectory(this.#options.directory);
    const segment = new Segment(path, firstSeq, 0);
    this.#segments.push(segment);
    return segment;
  }

  /** A jump in the numbering needs a new segment: a hole inside one would read as damage. */
  #canContinue(last: Segment, firstSeq: number): boolean {
    if (this.#spoiled || last.bytes >= this.#options.segmentBytes) return false;
    return last.bytes === 0 ? last.firstSeq === firstSeq : firstSeq === this.#lastSeqOf(last) + 1;
  }

  #lastSeqOf(segment: Segment): number {
    let lastSeq = segment.firstSeq - 1;
    for (const found of segment.scan()) if (found.kind === "record") lastSeq = found.seq;
    return lastSeq;
  }

  #write(segment: Segment, records: Buffer): void {
    const file = this.#file;
    if (file === undefined) throw new TypeError("the journal has no open segment");
    try {
      file.append(records);
      file.sync();
    } catch (error) {
      this.#undoWrite(file, segment);
      throw error;
    }
  }

  /** After a failed write or sync nobody knows what the file holds: cut it back and open it anew next time. */
  #undoWrite(file: AppendFile, segment: Segment): void {
    try {
      file.truncate(segment.bytes);
      file.sync();
    } catch {
      this.#spoiled = true;
    }
    this.#closeFile();
  }

  #enforceBound(): void {
    while (this.#segments.length > 1 && this.bytes > this.#options.maxBytes) {
      const [oldest, next] = this.#segments;
      if (oldest === undefined || next === undefined) return;
      this.#removeOldest();
      this.#options.onLoss({
        reason: "full",
        file: oldest.path,
        bytes: oldest.bytes,
        seqs: [oldest.firstSeq, next.firstSeq - 1],
      });
    }
  }

  #removeOldest(): void {
    const oldest = this.#segments.shift();
    if (oldest !== undefined) rmSync(oldest.path, { force: true });
  }

  #removeNewest(): void {
    const newest = this.#segments.pop();
    if (newest !== undefined) rmSync(newest.path, { force: true });
  }

  #closeFile(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

function freeName(path: string): string {
  let name = path;
  for (let number = 2; existsSync(name); number++) name = `${path}-${number}`;
  return name;
}
