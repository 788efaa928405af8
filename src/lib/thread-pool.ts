// Gives many tasks to a few threads and their results back in the order of the tasks, whichever thread did them.
import type { Worker } from "node:worker_threads";
import { type RpcClient, rpcClient } from "./rpc.ts";
import { startWorker } from "./worker.ts";

export interface ThreadedTasks<Task> {
  /** The worker's module, relative to `base` and with its source ending; it serves a method `run` (see rpc.ts). */
  readonly module: string;
  /** The caller's import.meta.url. */
  readonly base: string;
  readonly threads: number;
  readonly tasks: readonly Task[];
  /** Called after every task with how many are done. */
  readonly onDone?: (done: number) => void;
}

/** Rejects with the first error of a task or a thread; no thread is left running then, either. */
export async function runInThreads<Task, Result>(options: ThreadedTasks<Task>): Promise<readonly Result[]> {
  const { module, base, tasks, onDone } = options;
  const workers = Array.from({ length: Math.min(options.threads, tasks.length) }, () => startWorker(module, base));
  const results: Result[] = [];
  const queue = tasks.entries();
  let done = 0;
  const work = async (client: RpcClient): Promise<void> => {
    for (const [place, task] of queue) {
      results[place] = await client.call<Result>("run", [task]);
      onDone?.(++done);
    }
  };
  try {
    await Promise.all(workers.map((worker) => work(clientOf(worker))));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return results;
}

function clientOf(worker: Worker): RpcClient {
  const client = rpcClient(worker);
  worker.on("error", (error) => client.fail(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => client.fail(new Error(`a worker thread ended early (exit code ${code})`)));
  return client;
}
