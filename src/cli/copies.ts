// Taking data out: backups and exports. A running service does it over its control socket; without one the store is
// opened here. Both run the same methods.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import type { Clock } from "../lib/clock.ts";
import { StoreError } from "../lib/errors.ts";
import { silentLog } from "../lib/log.ts";
import type { ExportRequest, StoreCopies } from "../store/index.ts";
import { stateFileName } from "./admin.ts";
import { type ControlMethods, controlCall, NoServiceError } from "./control.ts";

export interface CopyParts {
  readonly copies: StoreCopies;
  readonly statePath: string;
  readonly clock: Clock;
  readonly version: string;
}

/** A year of a large fleet takes its time. */
const timeoutMs = 6 * 3_600_000;

/** `backup` and `export`; they write files on this machine, as the service's own user. */
export function copyMethods(parts: CopyParts): ControlMethods {
  return {
    backup: async ({ directory }) => {
      const { writeBackup } = await import("../store/index.ts");
      return writeBackup(String(directory), parts);
    },
    export: (params) => parts.copies.export(params["request"] as ExportRequest),
  };
}

/** Runs one method in the running service, or here when there is none. */
export async function copyCall(
  settings: Settings,
  edge: { readonly clock: Clock; readonly version: string },
  method: "backup" | "export",
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  try {
    return await controlCall(settings.dataDir, method, params, timeoutMs);
  } catch (error) {
    if (!(error instanceof NoServiceError) || error.message.includes("another user")) throw error;
    return copyHere(settings, edge, method, params);
  }
}

async function copyHere(
  { dataDir, store: { rawDays, fiveMinuteDays, hourlyDays } }: Settings,
  { clock, version }: { readonly clock: Clock; readonly version: string },
  method: "backup" | "export",
  params: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  if (!existsSync(dataDir)) throw new StoreError(`The data directory ${dataDir} does not exist: there is nothing yet.`);
  const { lockDataDir, openStore } = await import("../store/index.ts");
  const lock = await lockDataDir(dataDir, clock);
  try {
    const problems = { raise: () => undefined, clear: () => undefined };
    const retention = { rawDays, fiveMinuteDays, hourDays: hourlyDays };
    const store = await openStore({ dataDir, log: silentLog, problems, retention });
    try {
      const parts = { copies: store.copies, statePath: join(dataDir, stateFileName), clock, version };
      return await copyMethods(parts)[method]?.(params);
    } finally {
      await store.close();
    }
  } finally {
    await lock.release();
  }
}
