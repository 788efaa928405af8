// D5: the database takes nothing for so long that the journal reaches its bound.
import { expect, it, onTestFinished } from "vitest";
import { aBatch, aRow, engineStore, t0 } from "../store/build.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { measured } from "./figure.ts";

const mebibyte = 2 ** 20;
const boundBytes = 10 * mebibyte;
const segmentBytes = mebibyte;
const rowsPerBatch = 2_000;
const guests = 200;

/** Numbers that no compressor makes smaller. */
const noise = (number: number, row: number): number => Math.sin(number * 7_919 + row * 104_729) * 1e6;

const aPoll = (number: number) =>
  aBatch(
    Array.from({ length: rowsPerBatch }, (_, row) =>
      aRow({
        id: `demo/guest/${100 + (row % guests)}~1`,
        ts: t0 + (number * (rowsPerBatch / guests) + Math.floor(row / guests)) * 10_000,
        values: {
          cpu_ratio: number,
          mem_used_bytes: Math.abs(noise(number, row)),
          net_in_bytes_total: Math.abs(noise(row, number)),
        },
      }),
    ),
    { marks: { "export/pve1": number } },
  );

it("D5: at its bound the journal drops whole polls, the oldest, counts them exactly and says so", {
  timeout: 60_000,
}, async () => {
  const directory = temporaryDirectory();
  const neverApply = { applyRows: Number.POSITIVE_INFINITY, applyMs: 3_600_000 };
  const store = await engineStore(directory, { journalMaxBytes: boundBytes, segmentBytes, ...neverApply });
  onTestFinished(async () => store.close());
  let appended = 0;
  for (let dropped = 0; dropped < 30; appended++) {
    await store.append(aPoll(appended));
    const stats = await store.stats();
    expect(stats.journalBytes).toBeLessThanOrEqual(boundBytes + segmentBytes);
    dropped = stats.batchesDropped;
  }
  const { batchesDropped, batchesPending } = await store.stats();
  expect(batchesPending + batchesDropped).toBe(appended);
  expect(store.events.some((event) => event.event === "raise" && event.problem.code === "journal_full")).toBe(true);

  const held = await heldPolls(store, appended);
  const kept = Array.from({ length: appended - batchesDropped }, (_, index) => batchesDropped + index);
  expect(held).toEqual(kept);
  expect(await store.marks("demo")).toEqual({ "export/pve1": appended - 1 });
  measured(
    "D5",
    `bound 10 MiB: ${batchesDropped} of ${appended} polls dropped, counted ${batchesDropped}, the newest ${held.length} whole`,
  );
});

/** Polls of which every row of every guest is there. */
async function heldPolls(store: Awaited<ReturnType<typeof engineStore>>, appended: number): Promise<number[]> {
  const ids = Array.from({ length: guests }, (_, index) => `demo/guest/${100 + index}~1`);
  const toMs = t0 + (appended + 1) * (rowsPerBatch / guests) * 10_000;
  const query = { ids, metric: "cpu_ratio", aggregation: "avg", fromMs: t0, toMs, stepMs: 0 } as const;
  const rows = new Map<number, number>();
  for (const { values } of (await store.range(query)).frames)
    for (const value of values) rows.set(value ?? -1, (rows.get(value ?? -1) ?? 0) + 1);
  return [...rows]
    .filter(([, count]) => count === rowsPerBatch)
    .map(([poll]) => poll)
    .sort((a, b) => a - b);
}
