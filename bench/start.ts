// The demo as a new user starts it: seconds from the start of the process to the first graph drawn in a browser, and the
// memory of the service after five minutes.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { launchBrowser } from "../test/web/browser.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";

const starts = 3;
const settleMs = 5 * 60_000;
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

export const start: Benchmark = {
  name: "start",
  summary: "The demo: process start to first graph, and memory after five minutes (takes six minutes)",
  run: async () => {
    const browser = await launchBrowser();
    const seconds: number[] = [];
    let memory = Number.NaN;
    for (let run = 1; run <= starts; run++) {
      const demo = await startDemo();
      try {
        seconds.push(await secondsToGraph(browser, demo));
        if (run === starts) memory = await memoryAfter(demo.process, settleMs);
      } finally {
        await demo.stop();
      }
    }
    await browser.close();
    return [
      { name: "start_to_first_graph", value: median(seconds), unit: "s", must: "<= 10" },
      { name: "rss_after_5_minutes", value: memory, unit: "MB", must: "<= 450" },
    ] satisfies Figure[];
  },
};

interface Demo {
  readonly process: ChildProcess;
  readonly url: string;
  readonly startedAt: number;
  stop(): Promise<void>;
}

async function startDemo(): Promise<Demo> {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), "pilothouse-bench-"));
  const startedAt = performance.now();
  const child = spawn(process.execPath, [main, "demo", "--port", String(port), "--data-dir", dataDir], {
    stdio: "ignore",
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    process: child,
    url: `http://127.0.0.1:${port}`,
    startedAt,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** In the page: the first graph's canvas holds ink, and is visible. */
const graphIsDrawn = `(() => {
  const canvas = document.querySelector(".uplot canvas");
  if (canvas === null || canvas.width === 0 || canvas.getBoundingClientRect().height === 0) return false;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let inked = 0;
  for (let index = 3; index < data.length; index += 4) if (data[index] > 0) inked += 1;
  return inked > 500;
})()`;

/** A node's page is all graphs, of the last hour. */
async function secondsToGraph(browser: Browser, { url, startedAt }: Demo): Promise<number> {
  const page = await (await browser.newContext({ bypassCSP: true })).newPage();
  await untilAnswers(`${url}/healthz`);
  await page.goto(`${url}/node/demo/pve1`);
  await page.waitForFunction(graphIsDrawn, undefined, { timeout: 60_000, polling: 50 });
  const seconds = (performance.now() - startedAt) / 1000;
  await page.context().close();
  return seconds;
}

async function untilAnswers(url: string): Promise<void> {
  for (;;) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Nobody listens yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function memoryAfter(child: ChildProcess, ms: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1000;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
