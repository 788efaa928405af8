// The registries: every command, in the order of the help, and every check of doctor, in the order they are run.
import { certificate } from "./checks/certificate.ts";
import { clockSkew } from "./checks/clock-skew.ts";
import { configuration } from "./checks/configuration.ts";
import { dataDirectory } from "./checks/data-directory.ts";
import { diskSpace } from "./checks/disk-space.ts";
import { exposure } from "./checks/exposure.ts";
import { listenPort } from "./checks/listen-port.ts";
import { privileges } from "./checks/privileges.ts";
import { reachability } from "./checks/reachability.ts";
import { release } from "./checks/release.ts";
import { runningService } from "./checks/running-service.ts";
import { sinks } from "./checks/sinks.ts";
import { storeState } from "./checks/store-state.ts";
import { tlsFiles } from "./checks/tls-files.ts";
import { token } from "./checks/token.ts";
import type { Command } from "./command.ts";
import { backup } from "./commands/backup.ts";
import { checkConfig } from "./commands/check-config.ts";
import { configSchema } from "./commands/config-schema.ts";
import { configShow } from "./commands/config-show.ts";
import { demo } from "./commands/demo.ts";
import { doctorWith } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { importInflux } from "./commands/import-influx.ts";
import { importStatus } from "./commands/import-status.ts";
import { init } from "./commands/init.ts";
import { jobList } from "./commands/job-list.ts";
import { jobRun } from "./commands/job-run.ts";
import { labAnomalies } from "./commands/lab-anomalies.ts";
import { labForecast } from "./commands/lab-forecast.ts";
import { labKpis } from "./commands/lab-kpis.ts";
import { reload } from "./commands/reload.ts";
import { restore } from "./commands/restore.ts";
import { serve } from "./commands/serve.ts";
import { setupLink } from "./commands/setup-link.ts";
import { simulate } from "./commands/simulate.ts";
import { start } from "./commands/start.ts";
import { status } from "./commands/status.ts";
import { supportBundleWith } from "./commands/support-bundle.ts";
import { tokenCreate } from "./commands/token-create.ts";
import { tokenList } from "./commands/token-list.ts";
import { tokenRevoke } from "./commands/token-revoke.ts";
import type { Check } from "./doctor.ts";

/** What others rest on comes first: without a configuration nothing else can be looked at. */
export const checks: readonly Check[] = [
  configuration,
  dataDirectory,
  diskSpace,
  runningService,
  storeState,
  sinks,
  listenPort,
  tlsFiles,
  exposure,
  reachability,
  certificate,
  token,
  release,
  privileges,
  clockSkew,
];

export const commands: readonly Command[] = [
  start,
  demo,
  init,
  serve,
  reload,
  doctorWith(checks),
  supportBundleWith(checks),
  checkConfig,
  configSchema,
  configShow,
  status,
  jobList,
  jobRun,
  importStatus,
  importInflux,
  exportCommand,
  backup,
  restore,
  setupLink,
  tokenCreate,
  tokenList,
  tokenRevoke,
  labForecast,
  labAnomalies,
  labKpis,
  simulate,
];

/** Commands of two words are listed under the first. */
export const commandGroups: Readonly<Record<string, string>> = {
  job: "Look at the jobs of the running service, and run one",
  config: "Look at the configuration",
  import: "Import history, and look how far that is",
  lab: "Try the analytics on your own data",
  token: "Make, list and revoke API tokens",
};
