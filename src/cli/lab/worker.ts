// A thread that scores one file after another.
import { parentPort } from "node:worker_threads";
import { serveRpc } from "../../lib/rpc.ts";
import { type FileResult, scoreFile } from "./score-file.ts";
import type { FilePair } from "./series-files.ts";

if (parentPort === null) throw new TypeError("this module runs in a worker thread");

serveRpc(parentPort, {
  run: async (pair: FilePair): Promise<FileResult> => Promise.resolve(scoreFile(pair, () => performance.now())),
});
