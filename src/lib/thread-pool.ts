// Gives many tasks to a few threads and their results back in the order of the tasks, whichever thread did them.
import type { Transferable, Worker } from "node:worker_threads";
import { type RpcClient, rpcClient } from "./rpc.ts";
import { startWorker } from "./worker.ts";

export interface PoolOptions {
  /** The worker's module, relative to `base` and with its source ending; it serves a method `run` (see rpc.ts). */
  readonly module: string;
  /** The caller's import.meta.url. */
  readonly base: string;
  readonly threads: number;
}

export interface TasksOptions<Task> {
  /** Called after every task with how many are done. */
  readonly onDone?: (done: number) => void;
  /** What of a task is moved to the thread instead of copied; it is not to be used any more. */
  readonly moved?: (task: Task) => readonly Transferable[];
}

export interface ThreadPool {
  /** One call at a time. Rejects with the first error of a task or a thread. */
  run<Task, Result>(tasks: readonly Task[], options?: TasksOptions<Task>): Promise<readonly Result[]>;
  /** Ends the threads, whatever they do. */
  close(): Promise<void>;
}

/** Threads for several lots of tasks; for a single lot runInThreads is simpler. */
export function openThreads({ module, base, threads }: PoolOptions): ThreadPool {
  const workers: Worker[] = [];
  const clients: RpcClient[] = [];
  const startUpTo = (count: number): readonly RpcClient[] => {
    while (workers.length < Math.min(threads, count)) {
      const worker = startWorker(module, base);
      workers.push(worker);
      clients.push(clientOf(worker));
    }
    return clients.slice(0, count);
  };
  return {
    async run<Task, Result>(tasks: readonly Task[], { onDone, moved }: TasksOptions<Task> = {}) {
      const results: Result[] = [];
      const queue = tasks.entries();
      let done = 0;
      const work = async (client: RpcClient): Promise<void> => {
        for (const [place, task] of queue) {
          results[place] = await client.call<Result>("run", [task], moved?.(task));
          onDone?.(++done);
        }
      };
      await Promise.all(startUpTo(tasks.length).map(work));
      return results;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

export interface ThreadedTasks<Task> extends PoolOptions, TasksOptions<Task> {
  readonly tasks: readonly Task[];
}

/** Rejects with the first error of a task or a thread; no thread is left running then, either. */
export async function runInThreads<Task, Result>(options: ThreadedTasks<Task>): Promise<readonly Result[]> {
  const pool = openThreads(options);
  try {
    return await pool.run<Task, Result>(options.tasks, options);
  } finally {
    await pool.close();
  }
}

function clientOf(worker: Worker): RpcClient {
  const client = rpcClient(worker);
  worker.on("error", (error) => client.fail(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => client.fail(new Error(`a worker thread ended early (exit code ${code})`)));
  return client;
}
