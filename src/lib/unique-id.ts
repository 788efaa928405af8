// ULIDs: unique for ever, and in order of time.
import { randomFillSync } from "node:crypto";
import { ulid } from "ulid";

const pool = new Uint8Array(4096);
let left = 0;

/** One random byte as 0…1; the ulid package would ask the system for each of an id's sixteen letters. */
function random(): number {
  if (left === 0) left = randomFillSync(pool).length;
  return (pool[--left] ?? 0) / 256;
}

export const uniqueId = (nowMs: number): string => ulid(nowMs, random);
