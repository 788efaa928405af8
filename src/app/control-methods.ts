// What the command line may ask a running service.
import { type AdminParts, adminMethods } from "../cli/admin.ts";
import type { ControlMethods } from "../cli/control.ts";
import type { FleetView } from "../model/fleet.ts";
import type { MetricsStore } from "../model/store.ts";
import type { ReloadReport } from "./reloader.ts";

export interface ControlParts extends AdminParts {
  readonly version: string;
  readonly dataDir: string;
  readonly fleet: FleetView;
  readonly store: Pick<MetricsStore, "stats">;
  readonly reload: () => ReloadReport;
}

export const controlMethods = (parts: ControlParts): ControlMethods => ({
  ...adminMethods(parts),
  reload: () => Promise.resolve().then(() => parts.reload()),
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
