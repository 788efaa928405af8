// The built service on a simulated cluster, for promises about the process as a whole.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { expect, onTestFinished } from "vitest";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { engineStore } from "../store/build.ts";
import { aDataDir, type Built, configFor, run } from "../system/built-service.ts";
import { type Comparison, expectTruth } from "./compare.ts";
import { Oracle } from "./oracle.ts";

export async function aService() {
  const simulator: RunningSimulator = await startSimulator({ nodes: 3, guests: 12, unauthorizedDelayMs: 0 });
  const oracle = new Oracle(simulator.state, "lab");
  const watching = setInterval(() => oracle.watch(), 2_000);
  const { dir, remove } = aDataDir();
  const config = configFor(simulator, dir);
  const started: Built[] = [];
  let tokens = 0;
  onTestFinished(async () => {
    for (const built of started) built.process.kill("SIGKILL");
    for (const built of started) await built.ended;
    clearInterval(watching);
    await simulator.close();
    remove();
  });
  const start = (): Built => {
    const built = run("serve", "--config", config);
    started.push(built);
    return built;
  };
  return {
    simulator,
    config,
    dataDir: join(dir, "data"),
    start,
    /** Starts, and waits until the page is served; returns how long that took. */
    serving: async () => {
      const begun = performance.now();
      const built = start();
      const url = (await built.says(/Page\s+(http:\S+)/)).replace(/\/$/, "");
      return { built, url, tookMs: performance.now() - begun };
    },
    token: async (): Promise<string> => {
      const words = ["token", "create", "--name", `test-${++tokens}`, "--role", "viewer", "--json", "--config", config];
      const { stdout } = await run(...words).ended;
      return (JSON.parse(stdout) as { token: string }).token;
    },
    /** Opens what the ended service left behind, and compares it with what the nodes measured. */
    expectTruth: async (): Promise<Comparison> => {
      const store = await engineStore(join(dir, "data"));
      try {
        return await expectTruth(store, oracle);
      } finally {
        await store.close();
      }
    },
  };
}

export const readiness = async (url: string): Promise<{ status: number; text: string }> => {
  const { statusCode, body } = await request(`${url}/readyz`);
  return { status: statusCode, text: await body.text() };
};

/** Ready, and its first samples acknowledged: the page may have them a moment before the disk does. */
export async function becomesReady(url: string, dataDir: string): Promise<void> {
  await expect.poll(async () => (await readiness(url)).status, { timeout: 20_000 }).toBe(200);
  const journal = join(dataDir, "journal");
  const written = (): number =>
    readdirSync(journal).reduce(
      (sum, name) => sum + (statSync(join(journal, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  await expect.poll(written, { timeout: 10_000 }).toBeGreaterThan(0);
}
