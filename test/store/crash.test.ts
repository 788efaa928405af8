// kill -9 at any moment: every batch that was acknowledged is there afterwards, bit for bit, and none is there twice.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../temporary-directory.ts";
import { engineStore, t0 } from "./build.ts";
import { crashSettings, crashValue, notedBatches, notingKind, rowsPerBatch } from "./crash-batch.ts";

const kills = 20;

/** Runs the child until it has acknowledged some batches and a moment more, then kills it; returns the last number. */
async function runAndKill(directory: string, first: number, batches: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [
    "--import",
    "tsx",
    fileURLToPath(new URL("./crash-child.ts", import.meta.url)),
    directory,
    String(first),
  ]);
  let complaint = "";
  child.stderr.on("data", (data: Buffer) => (complaint += data.toString()));
  const exited = once(child, "exit");
  let last = first - 1;
  let isDying = false;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (isDying || last - first < batches) continue;
    isDying = true;
    setTimeout(() => child.kill("SIGKILL"), delayMs);
  }
  await exited;
  expect(complaint).toBe("");
  return last;
}

it(`loses nothing over ${kills} kills`, { timeout: 240_000 }, async () => {
  const directory = temporaryDirectory();
  const acknowledged: number[] = [];
  let next = 0;
  for (let kill = 0; kill < kills; kill++) {
    const last = await runAndKill(directory, next, 5 + ((kill * 9) % 70), (kill * 7) % 40);
    for (let number = next; number <= last; number++) acknowledged.push(number);
    // The batch under way when it was killed may be there or not; its number is not used again.
    next = last + 2;
  }

  const store = await engineStore(directory, crashSettings, { sinkKinds: [notingKind(directory)] });
  await expect
    .poll(async () => (await store.stats()).sinks[1], { timeout: 20_000 })
    .toMatchObject({
      state: "ok",
      batchesPending: 0,
      batchesUnverified: 0,
      batchesDropped: 0,
    });
  const { frames } = await store.range({
    ids: ["demo/guest/100~1"],
    metric: "cpu_ratio",
    aggregation: "avg",
    fromMs: t0,
    toMs: t0 + next * rowsPerBatch * 10_000,
    stepMs: 0,
  });
  const sum = await store.range({
    ids: ["demo/guest/100~1"],
    metric: "cpu_ratio",
    aggregation: "sum",
    fromMs: t0,
    toMs: t0 + next * rowsPerBatch * 10_000,
    stepMs: 60_000,
  });
  const marks = await store.marks("demo");
  await store.close();

  const found = new Map(frames[0]?.timeMs.map((time, i) => [time, frames[0]?.values[i]]));
  for (const number of acknowledged) {
    for (let i = 0; i < rowsPerBatch; i++) {
      expect(found.get(t0 + (number * rowsPerBatch + i) * 10_000)).toBe(crashValue(number, i));
    }
  }
  // The sink has every batch too; a kill makes it repeat only what the cursor had not noted in its last moments.
  const noted = notedBatches(directory);
  for (const number of acknowledged) expect(noted).toContain(`crash-${number}`);
  const repeated = noted.length - new Set(noted).size;
  expect(repeated).toBeLessThan(noted.length / 2);
  // Twins would be shown once, but summed up twice.
  const shown = [...found.values()].reduce<number>((total, value) => total + (value ?? 0), 0);
  expect(sum.frames[0]?.values.reduce<number>((total, value) => total + (value ?? 0), 0)).toBeCloseTo(shown, 3);
  expect(marks["export/pve1"]).toBeGreaterThanOrEqual(acknowledged.at(-1) ?? 0);
});
