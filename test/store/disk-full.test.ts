// A disk that takes nothing: reading goes on, batches wait in memory and are written as soon as there is space.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { StoreError } from "../../src/lib/errors.ts";
import { openAppendFile } from "../../src/store/append-file.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { aBatch, type EngineStore, engineStore, hour, ManualClock, samples, t0 } from "./build.ts";

const sum = async (store: EngineStore): Promise<number | null | undefined> => {
  const query = { ids: ["demo/guest/100~1"], metric: "cpu_ratio", fromMs: t0, toMs: t0 + hour, stepMs: hour };
  return (await store.range({ ...query, aggregation: "sum" })).frames[0]?.values[0];
};

describe("with a full disk", () => {
  it("refuses with one clear sentence, keeps the batch, and writes it when there is space again", async () => {
    const clock = new ManualClock();
    let full = false;
    const store = await engineStore(
      temporaryDirectory(),
      {},
      {
        clock,
        openFile: (path) => {
          const file = openAppendFile(path);
          return {
            ...file,
            append: (bytes) => {
              if (full) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
              file.append(bytes);
            },
          };
        },
      },
    );
    onTestFinished(async () => store.close());
    await store.append(aBatch(samples(2, t0, () => 1)));
    full = true;
    const refused = aBatch(
      samples(2, t0 + 60_000, () => 10),
      { marks: { "export/pve1": 7 } },
    );

    await expect(store.append(refused)).rejects.toThrow(StoreError);
    await expect(store.append(refused)).rejects.toThrow(
      /^Samples cannot be written to .*: the disk is full; free some space there\.$/,
    );
    expect((await store.stats()).writeError).toContain("the disk is full");
    expect(await store.marks("demo")).toEqual({});
    expect(await sum(store)).toBe(2);

    full = false;
    clock.advance(2000);
    await new Promise((resolve) => setImmediate(resolve));

    expect((await store.stats()).writeError).toBeNull();
    expect(store.events).toContainEqual({ event: "clear", code: "store_write_failed" });
    await store.append(refused);
    expect(await sum(store)).toBe(22);
    expect(await store.marks("demo")).toEqual({ "export/pve1": 7 });
  });

  it("keeps ten minutes of batches, the newest ones, and counts the rest", async () => {
    const clock = new ManualClock();
    const store = await engineStore(
      temporaryDirectory(),
      {},
      {
        clock,
        openFile: () => {
          throw Object.assign(new Error("EROFS: read-only file system, open"), { code: "EROFS" });
        },
      },
    );
    onTestFinished(async () => store.close());

    for (let i = 0; i < 100; i++) {
      await expect(store.append(aBatch(samples(1, t0 + i * 10_000)))).rejects.toThrow("the file system is read-only");
      clock.advance(10_000);
    }

    const { batchesDropped } = await store.stats();
    expect(batchesDropped).toBeGreaterThanOrEqual(38);
    expect(batchesDropped).toBeLessThanOrEqual(41);
  });

  it("goes on by itself on a real file system that was full (needs root for a small tmpfs)", {
    timeout: 40_000,
  }, async (context) => {
    const directory = join(temporaryDirectory(), "small");
    mkdirSync(directory);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", directory], { stdio: "ignore" });
    } catch {
      context.skip("no small file system can be mounted here; the injected full disk above stands for it");
    }
    onTestFinished(() => void execFileSync("umount", ["-l", directory]));
    const store = await engineStore(directory);
    await store.append(aBatch(samples(10, t0, () => 1)));
    expect(await sum(store)).toBe(10);
    fill(join(directory, "filler"));

    const noisy = samples(3000, t0 + 600_000, (i) => 1 + Math.sin(i) * 1e-6);
    await expect(store.append(aBatch(noisy))).rejects.toThrow("the disk is full");
    expect(await sum(store)).toBe(10);
    rmSync(join(directory, "filler"));
    await expect.poll(async () => (await store.stats()).writeError, { timeout: 10_000 }).toBeNull();

    expect(await sum(store)).toBeCloseTo(310, 3);
    await store.close();
    const again = await engineStore(directory);
    expect(await sum(again)).toBeCloseTo(310, 3);
    await again.close();
  });
});

function fill(path: string): void {
  for (let size = 1 << 20; size >= 1; size = size >> 1) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: "a" });
    } catch {
      // Full for this size; the smaller ones fill what is left.
    }
  }
}
