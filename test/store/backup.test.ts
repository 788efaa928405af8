// Backups and exports: what is taken out is what was put in.
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { Secret } from "../../src/lib/secret.ts";
import { everything } from "../../src/model/access.ts";
import { entityKinds } from "../../src/model/ids.ts";
import type { BackupManifest } from "../../src/store/backup/manifest.ts";
import { contentOfCopy } from "../../src/store/drivers/duckdb/backup.ts";
import { batchLines } from "../../src/store/drivers/influx/batch-lines.ts";
import { SeriesKeys } from "../../src/store/drivers/influx/series-keys.ts";
import { type ExportRequest, openState, openStore, restoreBackup, writeBackup } from "../../src/store/index.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { aBatch, aRow, forEver, hour, samples, t0 } from "./build.ts";
import { day, moveBatches, movedSeries, movedUntil, movedValue } from "./move-batch.ts";

async function open(dataDir: string) {
  const problems = { raise: () => undefined, clear: () => undefined };
  const store = await openStore({ dataDir, log: silentLog, problems, retention: forEver });
  onTestFinished(async () => store.close());
  return store;
}
type Store = Awaited<ReturnType<typeof open>>;

/** Three days, of which two are in Parquet files, rolled up, and an account. */
async function filled(dataDir: string): Promise<Store> {
  const store = await open(dataDir);
  for (const batch of moveBatches) await store.append(batch);
  await store.jobs.rollup(movedUntil);
  await store.jobs.tidy(t0 + 3 * day + hour);
  return store;
}

const backupOf = (store: Store, dataDir: string, directory: string): Promise<BackupManifest> =>
  writeBackup(directory, {
    copies: store.copies,
    statePath: join(dataDir, "state.db"),
    clock: systemClock,
    version: "0.2.0-test",
  });

const seriesOf = async (store: Store, index: number) => {
  const query = { metric: "cpu_ratio", aggregation: "avg", fromMs: t0, toMs: t0 + 9 * day, stepMs: 0 } as const;
  return (await store.range({ ids: [movedSeries[index] ?? ""], ...query })).frames[0];
};

describe("a backup", () => {
  it("made in the middle of the work, then wiped and restored, has equal rows and checksums", async () => {
    const dataDir = temporaryDirectory();
    const store = await filled(dataDir);
    const state = await openState({ path: join(dataDir, "state.db"), clock: systemClock });
    await state.users.create({
      name: "ada",
      password: new Secret("a long password"),
      role: "admin",
      scope: everything,
    });
    const before = await Promise.all(movedSeries.map((_, index) => seriesOf(store, index)));
    const directory = join(temporaryDirectory(), "backup");

    const later = samples(50, t0 + 5 * day, undefined, { id: "demo/guest/900~1" });
    const [manifest] = await Promise.all([backupOf(store, dataDir, directory), store.append(aBatch(later))]);
    await store.close();
    await state.close();
    rmSync(dataDir, { recursive: true });
    await restoreBackup(directory, dataDir);

    expect(await contentOfCopy(join(dataDir, "metrics.duckdb"))).toEqual(manifest.tables);
    expect(manifest.tables.find(({ table }) => table === "guest_raw")?.rows).toBeGreaterThanOrEqual(96);
    const again = await open(dataDir);
    expect(await Promise.all(movedSeries.map((_, index) => seriesOf(again, index)))).toEqual(before);
    const accounts = await openState({ path: join(dataDir, "state.db"), clock: systemClock });
    expect((await accounts.users.list()).map(({ name }) => name)).toEqual(["ada"]);
    await accounts.close();
    await again.append(aBatch([aRow({ id: movedSeries[0], ts: t0 + 6 * day })]));
    expect((await seriesOf(again, 0))?.timeMs.at(-1)).toBe(t0 + 6 * day);
  });

  it("goes only into an empty place, and is restored only into one", async () => {
    const dataDir = temporaryDirectory();
    const store = await filled(dataDir);
    const directory = join(temporaryDirectory(), "backup");
    await backupOf(store, dataDir, directory);

    await expect(backupOf(store, dataDir, directory)).rejects.toThrow("holds a backup already");
    await expect(backupOf(store, dataDir, dataDir)).rejects.toThrow("is not empty");
    await expect(restoreBackup(directory, dataDir)).rejects.toThrow("is not empty");
    await expect(restoreBackup(dataDir, join(directory, "x"))).rejects.toThrow("holds no complete backup");
  });

  it("that was damaged is refused before anything is written", async () => {
    const dataDir = temporaryDirectory();
    const directory = join(temporaryDirectory(), "backup");
    await backupOf(await filled(dataDir), dataDir, directory);
    const target = join(temporaryDirectory(), "data");
    const file = join(directory, "parquet/guest/2026-03-01.parquet");
    appendFileSync(file, "x");

    await expect(restoreBackup(directory, target)).rejects.toThrow("damaged: parquet/guest/2026-03-01.parquet");
    rmSync(file);
    await expect(restoreBackup(directory, target)).rejects.toThrow("incomplete: parquet/guest/2026-03-01.parquet");
    const manifest = JSON.parse(readFileSync(join(directory, "backup.json"), "utf8")) as BackupManifest;
    const outside = { ...manifest, files: [{ name: "../outside", bytes: 1, sha256: "" }] };
    writeFileSync(join(directory, "backup.json"), JSON.stringify(outside));
    await expect(restoreBackup(directory, target)).rejects.toThrow("outside of itself");
    expect(existsSync(target)).toBe(false);
  });

  it("holds no secret of the configuration and says so", async () => {
    const dataDir = temporaryDirectory();
    const directory = join(temporaryDirectory(), "backup");
    const { secrets } = await backupOf(await filled(dataDir), dataDir, directory);

    expect(secrets).toContain("token secrets and TLS keys of the configuration are not in this backup");
    expect(readdirSync(directory)).not.toContain("pilothouse.yaml");
  });
});

describe("an export", () => {
  const request = (file: string, more: Partial<ExportRequest>): ExportRequest => ({
    kind: "guest",
    tier: "raw",
    ids: [movedSeries[0]],
    clusters: null,
    fromMs: t0,
    toMs: t0 + 4 * day,
    format: "csv",
    file,
    ...more,
  });

  it("has the rows of Parquet files and of the hot table, with names and empty cells for what is absent", async () => {
    const store = await filled(temporaryDirectory());
    const file = join(temporaryDirectory(), "points.csv");

    expect(await store.copies.export(request(file, {}))).toBe(144);

    const [header = "", first = "", ...rest] = readFileSync(file, "utf8").trim().split("\n");
    expect(header.split(",").slice(0, 6)).toEqual(["id", "time", "step_seconds", "origin", "node", "running"]);
    const cells = first.split(",");
    expect(cells.slice(0, 6)).toEqual([movedSeries[0], "2026-03-01 00:00:00", "10", "export", "pve1", ""]);
    expect(Number(cells[header.split(",").indexOf("cpu_ratio")])).toBe(movedValue(t0, 0));
    expect(rest).toHaveLength(143);
  });

  it("as Parquet can be read by any DuckDB, also of roll-ups", async () => {
    const store = await filled(temporaryDirectory());
    const file = join(temporaryDirectory(), "hours.parquet");

    await store.copies.export(request(file, { ids: null, clusters: ["demo"], tier: "1h", format: "parquet" }));

    const connection = await (await DuckDBInstance.create()).connect();
    const rows = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER, count(DISTINCT id)::INTEGER, sum(samples) FROM '${file}'`,
    );
    expect(rows.getRows()).toEqual([[144, 2, 288]]);
  });

  it("as line protocol has tags, only present fields and nanoseconds, and escapes what must be", async () => {
    const store = await open(temporaryDirectory());
    const rows = [
      aRow({ id: "demo/guest/100~2", values: { cpu_ratio: 0.5, running: 1 } }),
      aRow({ id: "demo/storage/pve1:my disk", values: { used_bytes: 1e12 } }),
      aRow({ id: "demo/storage/@nfs,a=b", node: null, values: { used_bytes: 3 } }),
    ];
    await store.append(aBatch(rows));
    const lines = async (kind: "guest" | "storage") => {
      const file = join(temporaryDirectory(), "lines");
      await store.copies.export(request(file, { kind, ids: null, format: "line-protocol" }));
      return readFileSync(file, "utf8").trim().split("\n");
    };

    expect(await lines("guest")).toEqual([
      `pve_guest,cluster=demo,node=pve1,vmid=100,generation=2 running=1.0,cpu_ratio=0.5,step_seconds=10 ${t0}000010`,
    ]);
    expect(await lines("storage")).toEqual([
      `pve_storage,cluster=demo,storage=nfs\\,a\\=b used_bytes=3.0,step_seconds=10 ${t0}000010`,
      `pve_storage,cluster=demo,node=pve1,storage=my\\ disk used_bytes=1000000000000.0,step_seconds=10 ${t0}000010`,
    ]);
  });

  it("as line protocol is what a sink would have written of every kind of thing and origin", async () => {
    const store = await open(temporaryDirectory());
    const batch = aBatch([
      aRow({ id: "demo/cluster", node: null, values: { nodes_online: 3 } }),
      aRow({ id: "demo/node/pve1", values: { cpu_ratio: 0.25, net_in_bytes_total: 2 ** 53 - 1 } }),
      aRow({ id: "demo/guest/100~2", origin: "rrd-avg", stepS: 60, node: null }),
      aRow({ id: "demo/guest/100~2", origin: "rrd-max", stepS: 60, node: null, values: { cpu_ratio: 1 } }),
      aRow({ id: "demo/storage/pve1:local", origin: "resources", stepS: 30, values: { used_bytes: 5 } }),
      aRow({ id: "demo/target/@cluster", origin: "self", node: null, values: { up: 1 } }),
      aRow({ id: "demo/disk/pve1:SN 1", origin: "fact", stepS: 200, values: { wear_percent: 7 } }),
      aRow({ id: "demo/pool/pve1:zfs:rpool", origin: "fact", values: { total_bytes: 9 } }),
      aRow({ id: "demo/pool/@ceph:rbd", origin: "fact", node: null, values: { total_bytes: 8 } }),
      aRow({ id: "demo/scope/cluster", origin: "analysis", stepS: 200, node: null, values: { efficiency_ratio: 0.5 } }),
      aRow({
        id: "demo/scope/tag:a b",
        origin: "analysis",
        stepS: 200,
        node: null,
        values: { efficiency_ratio: 0.25 },
      }),
    ]);
    await store.append(batch);
    const rules = { tagsOf: () => undefined, keys: new SeriesKeys(), fromMs: 0, untilMs: Number.POSITIVE_INFINITY };
    const written = batchLines(batch, rules).lines;

    const exported: string[] = [];
    for (const kind of entityKinds) {
      const file = join(temporaryDirectory(), "lines");
      await store.copies.export(request(file, { kind, ids: null, format: "line-protocol" }));
      const lines = readFileSync(file, "utf8").trim().split("\n");
      exported.push(...lines.map((line) => line.replaceAll(/=(\d+(?:\.\d+)?)(?=[, ])/g, (_, n) => `=${Number(n)}`)));
    }

    expect(exported.sort()).toEqual([...written].sort());
  });

  it("refuses an id that is none of the kind", async () => {
    const store = await open(temporaryDirectory());
    const file = join(temporaryDirectory(), "points.csv");

    await expect(store.copies.export(request(file, { ids: ["demo/node/pve1"] }))).rejects.toThrow(
      "not the id of a guest",
    );
    await expect(store.copies.export(request(file, { ids: ["x' OR 1=1 --"] }))).rejects.toThrow(
      "not the id of a guest",
    );
  });
});
