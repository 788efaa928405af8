// One file of the journal. Where its records begin is found once, by hopping from header to header (a few microseconds a
// record, nothing is inflated), so that a single record is read without the rest of the file.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  headerBytes,
  headerFrom,
  headFrom,
  headOfRecord,
  isSound,
  type RecordHead,
  type Scanned,
  scanRecords,
} from "./journal-record.ts";

/** Holds the header and nearly every head. */
const hopBytes = 4096;

export interface Place {
  readonly start: number;
  readonly bytes: number;
}

export class Segment {
  readonly path: string;
  readonly firstSeq: number;
  bytes: number;
  #places: Map<number, Place> | undefined;

  constructor(path: string, firstSeq: number, bytes: number) {
    this.path = path;
    this.firstSeq = firstSeq;
    this.bytes = bytes;
  }

  /** What was just written at the end. */
  grow(records: readonly { readonly seq: number; readonly bytes: number }[]): void {
    this.#places ??= this.bytes === 0 ? new Map() : undefined;
    for (const { seq, bytes } of records) {
      this.#places?.set(seq, { start: this.bytes, bytes });
      this.bytes += bytes;
    }
  }

  cutTo(bytes: number): void {
    this.bytes = bytes;
    this.#places = undefined;
  }

  /** The whole file, with every checksum. */
  content(): Buffer {
    return existsSync(this.path) ? readFileSync(this.path) : Buffer.alloc(0);
  }

  *scan(content = this.content()): Generator<Scanned> {
    yield* scanRecords(content);
  }

  /** One record, checked; undefined when it is not there or damaged. */
  record(seq: number): Buffer | undefined {
    const place = this.#index().get(seq);
    if (place === undefined) return undefined;
    const record = this.#withFile((file) => readAt(file, place.start, place.bytes));
    return record !== undefined && isSound(record) && headerFrom(record)?.seq === seq ? record : undefined;
  }

  /** The heads from a record on; those that cannot be read are left out. */
  heads(fromSeq: number): readonly { readonly seq: number; readonly head: RecordHead }[] {
    const wanted = [...this.#index()].filter(([seq]) => seq >= fromSeq);
    const heads = this.#withFile((file) => wanted.map(([seq, place]) => ({ seq, head: headAt(file, place) })));
    return (heads ?? []).flatMap(({ seq, head }) => (head === undefined ? [] : [{ seq, head }]));
  }

  #index(): Map<number, Place> {
    this.#places ??= this.#hop() ?? this.#placesByScan();
    return this.#places;
  }

  /** Undefined as soon as anything is not as it should be: then the file is scanned. */
  #hop(): Map<number, Place> | undefined {
    return this.#withFile((file) => {
      const places = new Map<number, Place>();
      let expected = this.firstSeq;
      for (let at = 0; at < this.bytes; ) {
        const header = headerFrom(readAt(file, at, headerBytes));
        if (header === undefined || header.seq !== expected || at + header.bytes > this.bytes) return undefined;
        places.set(header.seq, { start: at, bytes: header.bytes });
        at += header.bytes;
        expected++;
      }
      return places;
    });
  }

  #placesByScan(): Map<number, Place> {
    const places = new Map<number, Place>();
    for (const found of this.scan()) {
      if (found.kind === "record") places.set(found.seq, { start: found.start, bytes: found.end - found.start });
    }
    return places;
  }

  #withFile<T>(read: (file: number) => T): T | undefined {
    if (!existsSync(this.path)) return undefined;
    const file = openSync(this.path, "r");
    try {
      return read(file);
    } finally {
      closeSync(file);
    }
  }
}

function headAt(file: number, { start, bytes }: Place): RecordHead | undefined {
  const head = headFrom(readAt(file, start, Math.min(bytes, hopBytes)));
  if (head !== undefined) return head;
  const record = readAt(file, start, bytes);
  return isSound(record) ? headOfRecord(record) : undefined;
}

/** Fewer bytes than asked for where the file ends. */
function readAt(file: number, start: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  let done = 0;
  while (done < bytes) {
    const got = readSync(file, buffer, done, bytes - done, start + done);
    if (got === 0) break;
    done += got;
  }
  return buffer.subarray(0, done);
}

export const segmentName = (firstSeq: number): string => `${String(firstSeq).padStart(20, "0")}.seg`;

export function listSegments(directory: string): Segment[] {
  return readdirSync(directory)
    .filter((name) => /^\d{20}\.seg$/.test(name))
    .sort()
    .map((name) => new Segment(join(directory, name), Number(name.slice(0, 20)), statSync(join(directory, name)).size));
}
