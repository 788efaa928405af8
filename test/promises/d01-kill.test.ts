// D1: the process is killed again and again, at any moment, while it polls every second and writes all the time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { startSimulator } from "../../src/simulator/index.ts";
import { createRandom } from "../../src/simulator/random.ts";
import { engineStore } from "../store/build.ts";
import { temporaryDirectory } from "../temporary-directory.ts";
import { expectTruth } from "./compare.ts";
import { isLongRun, measured, seconds } from "./figure.ts";
import { Oracle } from "./oracle.ts";
import { sharedClock, smallPieces, type WhereTheClusterIs } from "./shared-clock.ts";

const kills = isLongRun ? 50 : 20;
/** pvestatd's ten seconds, and so a poll's, pass in one. */
const speed = 10;
/** From the start of the process to the first batch that is safe. */
const mostUntilCollectingMs = 5_000;

type Marks = Readonly<Record<string, number>>;
interface Life {
  readonly acknowledged: readonly Marks[];
  /** Absent when it was killed before. */
  readonly firstAfterMs: number | undefined;
}

it(`D1: nothing that was acknowledged is lost, torn or doubled over ${kills} kills`, { timeout: 400_000 }, async () => {
  const since = Date.now();
  const clock = sharedClock({ since, speed });
  const simulator = await startSimulator({ nodes: 3, guests: 12, clock, startAt: clock.now() });
  const oracle = new Oracle(simulator.state);
  const watching = setInterval(() => oracle.watch(), 1_000);
  onTestFinished(async () => {
    clearInterval(watching);
    await simulator.close();
  });
  const { url, tokenId, tokenSecret, fingerprint } = simulator;
  const directory = temporaryDirectory();
  const random = createRandom(20_261_122);
  const lives: Life[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const where = { url, tokenId, tokenSecret, fingerprint, since, speed };
    // Every fifth dies while it starts; the others after one to three batches and a moment more.
    const batches = kill % 5 === 4 ? 0 : random.integer(1, 3);
    lives.push(await live(directory, where, batches, random.between(0, batches === 0 ? 1_500 : 900)));
  }

  const store = await engineStore(directory, smallPieces);
  onTestFinished(async () => store.close());
  const marks = await store.marks("sim");
  const acknowledged = lives.flatMap((each) => each.acknowledged);
  for (const promised of acknowledged)
    for (const [key, mark] of Object.entries(promised)) expect(marks[key], key).toBeGreaterThanOrEqual(mark);
  const { values, rows } = await expectTruth(store, oracle);
  const starts = lives.flatMap(({ firstAfterMs }) => firstAfterMs ?? []).sort((a, b) => a - b);
  const middle = starts[Math.floor(starts.length / 2)] ?? Number.POSITIVE_INFINITY;

  expect(acknowledged.length).toBeGreaterThan(kills);
  expect(middle).toBeLessThanOrEqual(mostUntilCollectingMs);
  measured(
    "D1",
    `${kills} kills, ${acknowledged.length} batches acknowledged, 0 of ${rows} rows lost, ${values} values true, collecting again after ${seconds(middle)} (median)`,
  );
});

/** Runs until so many batches are acknowledged and a moment more, then kills. */
async function live(directory: string, where: WhereTheClusterIs, batches: number, delayMs: number): Promise<Life> {
  const begun = performance.now();
  const child = spawn(process.execPath, [
    "--import",
    "tsx",
    fileURLToPath(new URL("./collector-child.ts", import.meta.url)),
    directory,
    JSON.stringify(where),
  ]);
  let complaint = "";
  child.stderr.on("data", (data: Buffer) => (complaint += data.toString()));
  const exited = once(child, "exit");
  const acknowledged: Marks[] = [];
  let firstAfterMs: number | undefined;
  const kill = (): void => void setTimeout(() => child.kill("SIGKILL"), delayMs);
  if (batches === 0) kill();
  for await (const line of createInterface({ input: child.stdout })) {
    firstAfterMs ??= performance.now() - begun;
    acknowledged.push(JSON.parse(line) as Marks);
    if (acknowledged.length === batches) kill();
  }
  await exited;
  expect(complaint).toBe("");
  return { acknowledged, firstAfterMs };
}
