// A thread of the nightly forecasts.
import { parentPort } from "node:worker_threads";
import { serveRpc } from "../../../lib/rpc.ts";
import { nightlyResult } from "../nightly-result.ts";
import type { NightlyResult, NightlyTask } from "../nightly-task.ts";

if (parentPort === null) throw new TypeError("this module runs in a worker thread");

serveRpc(parentPort, {
  run: async ({ nowMs, series }: NightlyTask): Promise<readonly NightlyResult[]> =>
    Promise.resolve(series.map((one) => nightlyResult(one, nowMs))),
});
