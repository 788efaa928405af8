// What `npm pack` makes, installed in a folder of its own and run there, as on another machine.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "../system/built-service.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("the package", () => {
  const folder = mkdtempSync(join(tmpdir(), "pilothouse-package-"));
  const npm = (cwd: string, ...words: string[]): string =>
    execFileSync("npm", [...words, "--no-audit", "--no-fund", "--loglevel=error"], { cwd, stdio: "pipe" }).toString();
  beforeAll(() => {
    npm(root, "pack", "--ignore-scripts", "--pack-destination", folder);
    const [tarball = ""] = readdirSync(folder);
    writeFileSync(join(folder, "package.json"), '{ "private": true }');
    npm(folder, "install", `./${tarball}`, "--omit=dev", "--ignore-scripts", "--prefer-offline");
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, "node_modules/.bin/pilothouse");

  it("says its version, and brings neither sources nor tests", () => {
    expect(execFileSync(program, ["--version"]).toString().trim()).toMatch(/^\d+\.\d+\.\d+$/);
    const content = readdirSync(join(folder, "node_modules/pilothouse"));
    expect(content).toEqual(
      expect.arrayContaining(["dist", "docs", "packaging", "dashboards", "README.md", "LICENSE"]),
    );
    expect(content).not.toEqual(expect.arrayContaining(["src"]));
  });

  it("runs the demo, and serves page and API", { timeout: 60_000 }, async () => {
    const demo = runProgram(program, ["demo", "--nodes", "1", "--guests", "2", "--port", "0", "--no-input"]);
    const address = await demo.says(/(http:\/\/127\.0\.0\.1:\d+)/);

    await expect.poll(async () => (await fetch(`${address}/readyz`)).status, { timeout: 30_000 }).toBe(200);
    const page = await (await fetch(address)).text();
    const { items } = (await (await fetch(`${address}/api/v1/nodes`)).json()) as { items: { name: string }[] };

    expect(page).toContain("<title>Pilothouse</title>");
    expect(items.map(({ name }) => name)).toEqual(["pve1"]);
    demo.process.kill("SIGTERM");
    expect(await demo.ended).toMatchObject({ code: 0 });
  });
});
