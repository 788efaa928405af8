// Shows how far the work on a cluster's past is: a bar per job, once or until all are done.
import type { Command, CommandContext } from "../command.ts";
import { type ProgressJob, progressLine, showBars } from "../progress-bars.ts";
import { configSource, locateOptions } from "../shared-options.ts";

export const importStatus: Command = {
  name: "import status",
  summary: "Show how far the import of Proxmox VE's own history is",
  examples: ["pilothouse import status", "pilothouse import status --watch"],
  permission: "jobs:read",
  options: [...locateOptions, { flags: "--watch", summary: "Go on until all is imported" }],
  givesData: true,
  async run(context) {
    const { terminal, options } = context;
    const read = await reader(context);
    if (options.flag("watch") && !terminal.json) {
      await showBars(read, context.edge);
      return 0;
    }
    const jobs = await read();
    if (terminal.json) terminal.data(jobs);
    else if (jobs.length === 0)
      terminal.note("Nothing is imported now, and nothing has been since the service started.");
    else for (const job of jobs) terminal.out(progressLine(job));
    return 0;
  },
};

/** Asks the running service for its jobs that have progress. */
async function reader(context: CommandContext): Promise<() => Promise<readonly ProgressJob[]>> {
  const [{ loadConfig }, { controlCall }] = await Promise.all([
    import("../../config/index.ts"),
    import("../control.ts"),
  ]);
  const { settings } = loadConfig(configSource(context, false));
  return async () => {
    const { jobs } = (await controlCall(settings.dataDir, "status")) as { readonly jobs: readonly ProgressJob[] };
    return jobs.filter(({ progress }) => progress !== null);
  };
}
