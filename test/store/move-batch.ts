// What the day moves of the tests are made of: three days, three series of two kinds, a row every half hour.
import type { Batch, Row } from "../../src/model/batch.ts";
import { aBatch, aRow, hour, t0 } from "./build.ts";

export const day = 24 * hour;
export const movedUntil = t0 + 4 * day + hour;
export const movedSeries = ["demo/guest/100~1", "demo/guest/101~1", "demo/node/pve1"] as const;
export const lateRow: Row = aRow({ ts: t0 + 5 * 60_000, values: { cpu_ratio: 0.625 } });

const rowsOfDay = (number: number): Row[] =>
  Array.from({ length: 48 }, (_, i) => t0 + number * day + (i * hour) / 2).flatMap((ts) =>
    movedSeries.map((id, series) => aRow({ id, ts, values: { cpu_ratio: movedValue(ts, series) } })),
  );

export const movedValue = (ts: number, series: number): number => ((ts / 60_000) % 977) / 1000 + series;

export const moveBatches: readonly Batch[] = [0, 1, 2].map((number) =>
  aBatch(rowsOfDay(number), { batchId: `day-${number}` }),
);
export const lateBatch: Batch = aBatch([lateRow], { batchId: "late" });
