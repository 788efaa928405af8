// Where imported rows go: to the running service, or into the store that is opened here when there is none.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../config/settings.ts";
import type { Clock } from "../../lib/clock.ts";
import { StoreError } from "../../lib/errors.ts";
import { silentLog } from "../../lib/log.ts";
import { encodeBatch } from "../../model/batch-codec.ts";
import type { Entity } from "../../model/inventory.ts";
import { stateFileName } from "../admin.ts";
import { controlCall, NoServiceError } from "../control.ts";
import type { ImportTarget } from "./run-import.ts";

const appendTimeoutMs = 120_000;

export interface OpenTarget extends ImportTarget {
  /** What is known of a cluster, the gone ones included. */
  entities(cluster: string): Promise<readonly Entity[]>;
  close(): Promise<void>;
}

export async function openTarget(settings: Settings, clock: Clock): Promise<OpenTarget> {
  const { dataDir } = settings;
  if (!existsSync(dataDir)) throw new StoreError(`The data directory ${dataDir} does not exist: there is nothing yet.`);
  const { openState } = await import("../../store/index.ts");
  const store = (await isServed(dataDir)) ? servedStore(dataDir) : await ownStore(settings, clock);
  const state = await openState({ path: join(dataDir, stateFileName), clock });
  return {
    ...store,
    entities: (cluster) => state.entities.load(cluster),
    close: async () => {
      await state.close();
      await store.close();
    },
  };
}

async function isServed(dataDir: string): Promise<boolean> {
  try {
    await controlCall(dataDir, "status");
    return true;
  } catch (error) {
    if (error instanceof NoServiceError && !error.message.includes("another user")) return false;
    throw error;
  }
}

type Store = ImportTarget & { close(): Promise<void> };

const servedStore = (dataDir: string): Store => ({
  append: async (batch) => {
    const encoded = Buffer.from(encodeBatch(batch)).toString("base64");
    await controlCall(dataDir, "append", { batch: encoded }, appendTimeoutMs);
  },
  marks: async (cluster) => (await controlCall(dataDir, "marks", { cluster })) as Readonly<Record<string, number>>,
  close: async () => Promise.resolve(),
});

async function ownStore(settings: Settings, clock: Clock): Promise<Store> {
  const { lockDataDir, openStore } = await import("../../store/index.ts");
  const { dataDir } = settings;
  const { rawDays, fiveMinuteDays, hourlyDays } = settings.store;
  const lock = await lockDataDir(dataDir, clock);
  try {
    const problems = { raise: () => undefined, clear: () => undefined };
    const retention = { rawDays, fiveMinuteDays, hourDays: hourlyDays };
    const store = await openStore({ dataDir, log: silentLog, problems, retention });
    return {
      append: (batch) => store.append(batch),
      marks: (cluster) => store.marks(cluster),
      close: async () => {
        await store.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
