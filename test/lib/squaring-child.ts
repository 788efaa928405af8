// A thread for thread-pool.test.ts: squares numbers, the larger ones sooner, and fails or ends where it is told to.
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { serveRpc } from "../../src/lib/rpc.ts";

if (parentPort === null) throw new TypeError("this module runs in a worker thread");

serveRpc(parentPort, {
  run: async (task: number): Promise<number> => {
    if (task === -1) throw new RangeError("no root of that");
    if (task === -2) process.exit(3);
    await sleep(task % 2 === 0 ? 15 : 1);
    return task * task;
  },
});
