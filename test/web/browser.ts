// One chromium for all browser tests of a file, and the page built once into a folder of its own.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Says in one line what is missing; with CI=true a missing browser is a failure. */
export function browserMissing(): boolean {
  if (existsSync(executablePath)) return false;
  const message = `no chromium at ${executablePath}: the tests of the page in a browser are left out (apt-get install chromium, or set CHROMIUM)`;
  if (process.env["CI"] === "true") throw new Error(message);
  console.warn(message);
  return true;
}

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

export async function buildPage(): Promise<{
  readonly dir: string;
  readonly gzipBytes: number;
  readonly remove: () => Promise<void>;
}> {
  const { buildWeb } = (await import(new URL("../../scripts/build-web.mjs", import.meta.url).href)) as {
    readonly buildWeb: (options: { outDir: string }) => Promise<readonly { gzipBytes: number }[]>;
  };
  const dir = await mkdtemp(join(tmpdir(), "pilothouse-web-"));
  const sizes = await buildWeb({ outDir: dir });
  return {
    dir,
    gzipBytes: sizes.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

export const sizes = { desktop: { width: 1360, height: 900 }, phone: { width: 390, height: 844 } } as const;

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained about: console errors and violations of the content security policy. */
  readonly complaints: readonly string[];
}

export async function visit(
  browser: Browser,
  url: string,
  { theme = "light", size = "desktop" }: { theme?: "light" | "dark"; size?: keyof typeof sizes } = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: sizes[size],
    colorScheme: theme,
    reducedMotion: "reduce",
    ...(size === "phone" ? { hasTouch: true, isMobile: true, deviceScaleFactor: 2 } : {}),
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, context, complaints };
}
