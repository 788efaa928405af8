// The bytes of one journal record, and how to find records again in bytes that may be damaged:
//   u32 magic "PHJ1" · u32 length of what follows the header · u32 CRC32C of all that follows it · u32 codec ·
//   u64 sequence number · codec 2: u32 length of the head · u32 CRC32C of the head · head (JSON) · payload (byte planes,
//   deflated)
// Little-endian. Codec 1, which earlier versions wrote, is the deflated payload alone; it stays readable.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { crc32c } from "@node-rs/crc32";
import { freeBuffers } from "../lib/free-buffer.ts";
import { type Batch, rowCount } from "../model/batch.ts";
import { decodeBatch } from "../model/batch-codec.ts";
import { fromPlanes, toPlanes } from "./byte-planes.ts";

const magic = 0x314a4850;
const magicBytes = Buffer.from("PHJ1", "latin1");
export const headerBytes = 24;
const checkedFrom = 12;
/** Level 1: measured, higher levels cost three times the CPU for a few percent on columns of doubles. */
const deflateLevel = 1;
const codecs = { deflated: 1, headAndPlanes: 2 } as const;
/** A length above this is damage, not a record: no batch comes near it. */
const maxPayloadBytes = 512 * 2 ** 20;
/** Length and checksum of the head, which is believed without reading the rest. */
const headAt = headerBytes + 8;

/** What can be said of a record without inflating it: enough to know what waits after a start. */
export interface RecordHead {
  readonly batchId: string;
  readonly cluster: string;
  readonly rows: number;
  /** Of the payload as it was given. */
  readonly bytes: number;
  readonly marks: Readonly<Record<string, number>>;
}

/** What is appended: a batch as `encodeBatch` made it, and its head. */
export interface JournalEntry {
  readonly head: RecordHead;
  readonly payload: Uint8Array;
}

/** The fixed beginning of a record, as it claims to be; only a checked record is to be believed. */
export interface RecordHeader {
  readonly seq: number;
  readonly codec: number;
  /** Of the whole record. */
  readonly bytes: number;
}

/** What a scan meets: a record, or bytes that are none. */
export type Scanned =
  | { readonly kind: "record"; readonly seq: number; readonly start: number; readonly end: number }
  | { readonly kind: "damage"; readonly start: number; readonly end: number };

export const headOf = (batch: Batch, bytes: number): RecordHead => ({
  batchId: batch.batchId,
  cluster: batch.cluster,
  rows: rowCount(batch),
  bytes,
  marks: batch.marks,
});

export function encodeRecord(seq: number, { head, payload }: JournalEntry): Buffer {
  const headBytes = Buffer.from(JSON.stringify(head), "utf8");
  const planes = toPlanes(payload);
  const packed = deflateRawSync(planes, { level: deflateLevel });
  const record = Buffer.allocUnsafe(headAt + headBytes.length + packed.length);
  record.writeUInt32LE(magic, 0);
  record.writeUInt32LE(record.length - headerBytes, 4);
  record.writeUInt32LE(codecs.headAndPlanes, 12);
  record.writeBigUInt64LE(BigInt(seq), 16);
  record.writeUInt32LE(headBytes.length, headerBytes);
  record.writeUInt32LE(crc32c(headBytes), headerBytes + 4);
  headBytes.copy(record, headAt);
  packed.copy(record, headAt + headBytes.length);
  freeBuffers(planes, packed);
  record.writeUInt32LE(crc32c(record.subarray(checkedFrom)), 8);
  return record;
}

/** The payload of a checked record. */
export function payloadOf(record: Buffer): ArrayBuffer {
  if (record.readUInt32LE(12) === codecs.headAndPlanes) {
    return fromPlanes(inflateRawSync(record.subarray(headAt + record.readUInt32LE(headerBytes))));
  }
  const plain = inflateRawSync(record.subarray(headerBytes));
  return plain.buffer.slice(plain.byteOffset, plain.byteOffset + plain.byteLength);
}

/** The head of a record of which at least the first bytes are there; undefined when it is not whole or not sound. */
export function headFrom(bytes: Buffer): RecordHead | undefined {
  if (bytes.length < headAt || bytes.readUInt32LE(12) !== codecs.headAndPlanes) return undefined;
  const head = bytes.subarray(headAt, headAt + bytes.readUInt32LE(headerBytes));
  if (crc32c(head) !== bytes.readUInt32LE(headerBytes + 4)) return undefined;
  return JSON.parse(head.toString("utf8")) as RecordHead;
}

/** The head of a whole checked record, whatever its codec. */
export function headOfRecord(record: Buffer): RecordHead {
  const head = headFrom(record);
  if (head !== undefined) return head;
  const payload = payloadOf(record);
  return headOf(decodeBatch(payload), payload.byteLength);
}

/** The header at the begin of `bytes`; undefined when there is none. */
export function headerFrom(bytes: Buffer): RecordHeader | undefined {
  if (bytes.length < headerBytes || bytes.readUInt32LE(0) !== magic) return undefined;
  const codec = bytes.readUInt32LE(12);
  const length = bytes.readUInt32LE(4);
  if (length > maxPayloadBytes || (codec !== codecs.deflated && codec !== codecs.headAndPlanes)) return undefined;
  return { seq: Number(bytes.readBigUInt64LE(16)), codec, bytes: headerBytes + length };
}

/** True when `bytes` are one whole record, unharmed. */
export const isSound = (bytes: Buffer): boolean =>
  headerFrom(bytes)?.bytes === bytes.length && crc32c(bytes.subarray(checkedFrom)) === bytes.readUInt32LE(8);

/** Every record of a segment in order; what lies between two readable ones, or after the last, is reported as damage. */
export function* scanRecords(bytes: Buffer): Generator<Scanned> {
  let at = 0;
  let damagedFrom = -1;
  while (at < bytes.length) {
    const record = recordAt(bytes, at);
    if (record !== undefined) {
      if (damagedFrom >= 0) yield { kind: "damage", start: damagedFrom, end: at };
      damagedFrom = -1;
      yield record;
      at = record.end;
      continue;
    }
    if (damagedFrom < 0) damagedFrom = at;
    const next = bytes.indexOf(magicBytes, at + 1);
    at = next < 0 ? bytes.length : next;
  }
  if (damagedFrom >= 0) yield { kind: "damage", start: damagedFrom, end: bytes.length };
}

function recordAt(bytes: Buffer, at: number): Extract<Scanned, { kind: "record" }> | undefined {
  const header = headerFrom(bytes.subarray(at, at + headerBytes));
  if (header === undefined || at + header.bytes > bytes.length) return undefined;
  const end = at + header.bytes;
  return isSound(bytes.subarray(at, end)) ? { kind: "record", seq: header.seq, start: at, end } : undefined;
}
