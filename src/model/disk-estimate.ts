// What history costs on disk, before it is there: rows per day times days times bytes per row, tier by tier. The bytes
// are measured (docs/benchmarks.md) on the demo, whose every field changes with every sample; many real ones do not.
import type { EntityKind } from "./ids.ts";

/** Things of each kind whose samples are kept. */
export type ThingCounts = Readonly<Record<Extract<EntityKind, "node" | "guest" | "storage">, number>>;

export interface KeptDays {
  readonly rawDays: number;
  readonly fiveMinuteDays: number;
  readonly hourlyDays: number;
}

export interface DiskEstimate {
  readonly hotBytes: number;
  readonly parquetBytes: number;
  readonly fiveMinuteBytes: number;
  readonly hourlyBytes: number;
  /** Sketches are kept for ever: what one year adds. */
  readonly sketchBytesPerYear: number;
  /** Once every tier is full, without sketches of more than a year and without the journal. */
  readonly totalBytes: number;
}

/** Measured: one row of a guest in the hot table, in a Parquet file, in a roll-up; one guest's sketches of one day. */
const bytesPer = { hotRow: 64, parquetRow: 39, rollupRow: 178, sketchDay: 3_000 } as const;

/** A node's row has half as many fields again, a storage's row two; as shares of a guest's. */
const sizeOf: Readonly<Record<keyof ThingCounts, number>> = { node: 1.5, guest: 1, storage: 0.25 };

/** A day that is over stays hot for another day; and the database keeps room for what it lays down anew. */
const hotDays = 2;
const secondsPerDay = 86_400;

/** `sampleS`: seconds between samples; ten where Proxmox VE's export is read, else the poll period. */
export function estimateDisk(things: ThingCounts, kept: KeptDays, sampleS = 10): DiskEstimate {
  const guests = Object.entries(things).reduce(
    (sum, [kind, count]) => sum + count * sizeOf[kind as keyof ThingCounts],
    0,
  );
  const rows = (days: number, everyS: number): number => (guests * days * secondsPerDay) / everyS;
  const parts = {
    hotBytes: rows(Math.min(kept.rawDays, hotDays), sampleS) * bytesPer.hotRow,
    parquetBytes: rows(Math.max(0, kept.rawDays - hotDays), sampleS) * bytesPer.parquetRow,
    fiveMinuteBytes: rows(kept.fiveMinuteDays, 300) * bytesPer.rollupRow,
    hourlyBytes: rows(kept.hourlyDays, 3600) * bytesPer.rollupRow,
    sketchBytesPerYear: guests * 365 * bytesPer.sketchDay,
  };
  return { ...parts, totalBytes: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) };
}
