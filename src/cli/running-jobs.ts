// The jobs of a running service, as the command line hears of them.
import type { JobStatus } from "../model/job.ts";
import type { CommandContext } from "./command.ts";
import { configSource } from "./shared-options.ts";

export interface RunningJobs {
  list(): Promise<readonly JobStatus[]>;
  /** Throws a NotFoundError's sentence when there is none of this id that can be run. */
  run(id: string): Promise<void>;
}

export async function runningJobs(context: CommandContext): Promise<RunningJobs> {
  const [{ loadConfig }, { controlCall }] = await Promise.all([import("../config/index.ts"), import("./control.ts")]);
  const { dataDir } = loadConfig(configSource(context, false)).settings;
  return {
    list: async () => (await controlCall(dataDir, "jobs")) as readonly JobStatus[],
    run: async (id) => {
      await controlCall(dataDir, "job.run", { id });
    },
  };
}
