// A thread that forecasts one series after another.
import { parentPort } from "node:worker_threads";
import { serveRpc } from "../../lib/rpc.ts";
import type { LabResult, LabTask } from "./lab-task.ts";
import { seasonalNaive } from "./models/seasonal-naive.ts";

if (parentPort === null) throw new TypeError("this module runs in a worker thread");

serveRpc(parentPort, {
  run: async ({ values, seasons, horizon }: LabTask): Promise<LabResult> =>
    Promise.resolve({ mean: seasonalNaive(values, horizon, seasons[0] ?? 1) }),
});
