// What the command line may ask a running service.
import { join } from "node:path";
import { type AdminParts, adminMethods, stateFileName } from "../cli/admin.ts";
import { appendMethods } from "../cli/append-methods.ts";
import type { ControlMethods } from "../cli/control.ts";
import { type CopyParts, copyMethods } from "../cli/copies.ts";
import { kpiMethods } from "../cli/lab/kpis.ts";
import { NotFoundError } from "../lib/errors.ts";
import type { AnalysisPort } from "../model/analysis.ts";
import type { FleetView } from "../model/fleet.ts";
import type { JobStatus } from "../model/job.ts";
import type { MetricsStore } from "../model/store.ts";
import type { ReloadReport } from "./reloader.ts";
import { supportReport } from "./support-report.ts";

export interface ControlParts extends AdminParts, Pick<CopyParts, "copies" | "clock"> {
  readonly version: string;
  readonly dataDir: string;
  readonly fleet: FleetView;
  readonly store: Pick<MetricsStore, "stats" | "append" | "marks">;
  readonly reload: () => ReloadReport;
  readonly analysis: Pick<AnalysisPort, "run" | "documents">;
  readonly metricsText: () => Promise<string>;
  readonly recentLog: () => readonly string[];
}

export function controlMethods(parts: ControlParts): ControlMethods {
  const status = (): Promise<object> => statusOf(parts);
  return {
    ...adminMethods(parts),
    ...appendMethods(parts.store),
    ...kpiMethods(parts.analysis),
    ...copyMethods({ ...parts, statePath: join(parts.dataDir, stateFileName) }),
    reload: () => Promise.resolve().then(() => parts.reload()),
    status,
    jobs: () => Promise.resolve(parts.fleet.jobs()),
    "job.run": ({ id }) => {
      if (parts.analysis.run(String(id))) return Promise.resolve(null);
      return Promise.reject(
        new NotFoundError(`There is no job ${String(id)} that can be run; see pilothouse job list.`),
      );
    },
    support: () => supportReport({ ...parts, status }),
  };
}

async function statusOf({ fleet, store, version, url, dataDir }: ControlParts): Promise<object> {
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
    jobs: fleet.jobs().map(shownJob),
    store: {
      write_error: stats.writeError,
      degraded: stats.degraded,
      batches_dropped: stats.batchesDropped,
      batches_pending: stats.batchesPending,
      rows_written: stats.rowsWritten,
    },
  };
}

const shownJob = ({ id, summary, state, lastResult, progress }: JobStatus) => ({
  id,
  summary,
  state,
  last_result: lastResult,
  progress: progress === null ? null : shownProgress(progress),
});

const shownProgress = ({ done, total, requests, remainingMs }: NonNullable<JobStatus["progress"]>) => ({
  done,
  total,
  requests: requests ?? null,
  remaining_ms: remainingMs ?? null,
});
