// The simulator in a worker thread: starts with the options it is given and says where it is.
import { parentPort, workerData } from "node:worker_threads";
import { describeError } from "../lib/errors.ts";
import { type SimulatorOptions, startSimulator } from "./index.ts";

try {
  const simulator = await startSimulator(workerData as SimulatorOptions);
  const { url, nodeUrls, port, fingerprint, caPem, tokenId, tokenSecret } = simulator;
  parentPort?.postMessage({ url, nodeUrls, port, fingerprint, caPem, tokenId, tokenSecret });
} catch (error) {
  parentPort?.postMessage({ failed: describeError(error) });
}
