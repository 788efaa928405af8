// A collector on a simulated cluster, over real HTTPS, with the real store behind it and the oracle beside it: the test
// injects a fault, lets rounds pass, and asks whether everything that was acknowledged is true.
import { onTestFinished } from "vitest";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { type PollerSetup, pollSimulated } from "../collect/simulated-poller.ts";
import { type EngineStore, engineStore } from "../store/build.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { type CompareOptions, type Comparison, expectTruth } from "./compare.ts";
import { Oracle } from "./oracle.ts";

export type WatchedPoller = Awaited<ReturnType<typeof watchedPoller>>;

/** Resolves after the first round. The clock stands still until `poll`. */
export async function watchedPoller(setup: Omit<PollerSetup, "store"> & { readonly store?: EngineStore } = {}) {
  const simulator =
    setup.on ?? (await startSimulator({ nodes: 3, guests: 12, speed: 0, unauthorizedDelayMs: 0, ...setup.simulator }));
  const oracle = new Oracle(simulator.state);
  const store = setup.store ?? (await engineStore(temporaryDirectory()));
  const polled = await pollSimulated({ ...setup, on: simulator, store });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= polled.stop(false));
  onTestFinished(async () => {
    await stop();
    await store.close();
    await simulator.close();
  });
  await polled.first();
  return {
    ...polled,
    oracle,
    store,
    stop,
    nodes: nodesOf(simulator),
    faults: simulator.state.faults,
    /** Lets time pass, then one round; returns how long the round really took. */
    poll: async (ms = 10_000): Promise<number> => {
      const begun = performance.now();
      await polled.poll(ms);
      oracle.watch();
      return performance.now() - begun;
    },
    /** Compares everything that the store acknowledged with what the nodes measured. */
    expectTruth: async (options: CompareOptions = {}): Promise<Comparison> => {
      await settled(polled.store);
      return expectTruth(store, oracle, options);
    },
  };
}

const nodesOf = (simulator: RunningSimulator): readonly string[] => Object.keys(simulator.nodeUrls);

/** A round does not wait for the disk; its batch is written within a turn of the event loop. */
async function settled(store: { marks(cluster: string): Promise<unknown> }): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  await store.marks("sim");
}
