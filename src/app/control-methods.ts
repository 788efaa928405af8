// What the command line may ask a running service.
import { join } from "node:path";
import { type AdminParts, adminMethods, stateFileName } from "../cli/admin.ts";
import type { ControlMethods } from "../cli/control.ts";
import { type CopyParts, copyMethods } from "../cli/copies.ts";
import type { FleetView } from "../model/fleet.ts";
import type { MetricsStore } from "../model/store.ts";

export interface ControlParts extends AdminParts, Pick<CopyParts, "copies" | "clock"> {
  readonly version: string;
  readonly dataDir: string;
  readonly fleet: FleetView;
  readonly store: Pick<MetricsStore, "stats">;
}

export const controlMethods = (parts: ControlParts): ControlMethods => ({
  ...adminMethods(parts),
  ...copyMethods({ ...parts, statePath: join(parts.dataDir, stateFileName) }),
  status: async () => {
    const { fleet, store, version, url, dataDir } = parts;
    const stats = await store.stats();
    const open = fleet.problems().filter((problem) => problem.clearedAt === null);
    return {
      version,
      url,
      data_dir: dataDir,
      pid: process.pid,
      problems: open.map(({ code, subject, severity, message, remedy }) => ({
        code,
        subject,
        severity,
        message,
        remedy,
      })),
      jobs: fleet.jobs().map(({ id, state, lastResult }) => ({ id, state, last_result: lastResult })),
      store: {
        write_error: stats.writeError,
        degraded: stats.degraded,
        batches_dropped: stats.batchesDropped,
        batches_pending: stats.batchesPending,
        rows_written: stats.rowsWritten,
      },
    };
  },
});
