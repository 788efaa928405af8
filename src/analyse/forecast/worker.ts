// A thread that forecasts one series after another.
import { parentPort } from "node:worker_threads";
import { serveRpc } from "../../lib/rpc.ts";
import { combinedForecast } from "./forecast.ts";
import type { LabResult, LabTask } from "./lab-task.ts";
import { naiveForecast } from "./naive-forecast.ts";

if (parentPort === null) throw new TypeError("this module runs in a worker thread");

serveRpc(parentPort, { run: async (task: LabTask): Promise<LabResult> => Promise.resolve(answerOf(task)) });

function answerOf(task: LabTask): LabResult {
  const found = combinedForecast(task);
  if (found.none) return { answer: naiveForecast(task), backtest: undefined, refusal: found };
  const { mean, bands, backtest } = found;
  return { answer: { mean, bands }, backtest, refusal: undefined };
}
