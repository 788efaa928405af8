import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/index.ts";
import { allOptions } from "../../src/cli/program.ts";
import { variableOf } from "../../src/cli/shared-options.ts";
import { goodText, secret } from "../config/a-config.ts";
import { aFolder, cli, containing } from "./run-in-process.ts";

function aConfiguredFolder(text = goodText): string {
  const cwd = aFolder();
  writeFileSync(join(cwd, "pilothouse.yaml"), text, { mode: 0o600 });
  return cwd;
}

describe("the command line", () => {
  it("shows help on stdout: examples first, exit codes last", async () => {
    const { exitCode, stdout, stderr } = await cli(["--help"]);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.indexOf("Examples:")).toBe(0);
    expect(stdout).toMatch(/Exit codes:[\s\S]*78 {2}wrong configuration/);
  });

  it("shows help of every command with an example", async () => {
    for (const { name } of commands) {
      const { exitCode, stdout } = await cli([...name.split(" "), "--help"]);
      expect(exitCode, name).toBe(0);
      expect(stdout, name).toMatch(/^Examples:\n {2}(pilothouse|pass)/);
    }
  });

  it("prints its version", async () => {
    expect(await cli(["--version"])).toEqual({ exitCode: 0, stdout: "1.2.3\n", stderr: "" });
  });

  it.each([
    [["tokn", "list"], 'pilothouse: there is no command "tokn"; did you mean "token"?'],
    [["token", "lst"], 'pilothouse: there is no command "token lst"; did you mean "token list"?'],
    [["xyzzy"], 'pilothouse: there is no command "xyzzy"; see pilothouse --help'],
    [["serve", "--prot", "1"], `pilothouse: unknown option '--prot'; did you mean "--port"?`],
    [["--prot", "1"], `pilothouse: unknown option '--prot'; did you mean "--port"?`],
    [["demo", "--nodes", "many"], 'pilothouse: --nodes takes a whole number from 1 to 64, not "many".'],
    [["token", "create"], "pilothouse: --name is needed; see --help."],
    [
      ["token", "create", "--name", "x", "--scope", "moon"],
      'pilothouse: --scope takes cluster:ID, pool:NAME or tag:NAME, not "moon".',
    ],
    [["init", "--no-input"], "pilothouse: --url is needed where nobody can be asked."],
    [
      ["init", "--url", "http://pve1"],
      /^pilothouse: --url "http:\/\/pve1": http is not encrypted.*did you mean "https:\/\/pve1:8006"\?$/,
    ],
  ] as const)("answers %j with one sentence and exit code 2", async (argv, sentence) => {
    const { exitCode, stdout, stderr } = await cli(argv);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr.trimEnd()).toMatch(typeof sentence === "string" ? new RegExp(`^${escaped(sentence)}$`) : sentence);
  });

  it("refuses to run where the environment switches certificate checks off", async () => {
    const { exitCode, stderr } = await cli(["doctor"], { env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } });

    expect(exitCode).toBe(2);
    expect(stderr).toContain("unset it and set trust per cluster");
  });

  it("shows the chain of causes with --debug only", async () => {
    const cwd = aFolder();
    const plain = await cli(["status", "--data-dir", cwd], { cwd });
    const debug = await cli(["--debug", "status", "--data-dir", cwd], { cwd });

    expect(plain).toMatchObject({
      exitCode: 69,
      stdout: "",
      stderr: `pilothouse: No service runs on ${cwd}; start one with: pilothouse serve\n`,
    });
    expect(debug.stderr).toMatch(/ENOENT[\s\S]*\n\s+at /);
  });

  it("takes every option from a variable, and never lets a service's port become the simulator's", async () => {
    const cwd = aConfiguredFolder();
    const { stdout } = await cli(["config", "show"], { cwd, env: { PILOTHOUSE_JSON: "1", PILOTHOUSE_PORT: "99" } });
    const names = commands.flatMap((command) => allOptions(command).map((spec) => variableOf(command.name, spec)));

    expect(JSON.parse(stdout)).toContainEqual({ key: "server.port", value: 99, origin: "PILOTHOUSE_PORT" });
    expect(names).toContain("PILOTHOUSE_SIMULATE_PORT");
    expect(names).toContain("PILOTHOUSE_INIT_TOKEN_FILE");
  });
});

describe("check-config", () => {
  it("says that a good file is good", async () => {
    const { exitCode, stdout } = await cli(["check-config"], { cwd: aConfiguredFolder() });

    expect(exitCode).toBe(0);
    expect(stdout.split("\n")[0]).toBe("pilothouse.yaml: good, 2 clusters");
  });

  it("says what disk the history will need, tier by tier, for as many guests as are asked for", async () => {
    const cwd = aConfiguredFolder();
    const { stdout } = await cli(["check-config", "--guests", "2000", "--nodes", "16"], { cwd });
    const json = await cli(["check-config", "--guests", "2000", "--nodes", "16", "--json"], { cwd });
    const wrong = await cli(["check-config", "--guests", "many"], { cwd });

    expect(stdout).toMatch(/^disk for 2000 guests on 16 nodes, once all of it is there: about \d+\.\d GiB and up to /m);
    expect(stdout).toMatch(/^ {2}5-minute points, \d+ days +\d+\.\d GiB$/m);
    const { disk } = JSON.parse(json.stdout) as { disk: Record<string, number> };
    expect(disk).toMatchObject({ guests: 2000, nodes: 16 });
    expect(disk["total_bytes"]).toBeGreaterThan(disk["hourly_bytes"] ?? 0);
    expect(wrong.exitCode).toBe(2);
  });

  it("lists all problems on stderr with exit code 78, as JSON on stdout when asked", async () => {
    const cwd = aConfiguredFolder(goodText.replace("port: 7060", "prot: 7060").replace("level: info", "level: loud"));

    const plain = await cli(["check-config", "pilothouse.yaml"], { cwd });
    const json = await cli(["check-config", "--json"], { cwd });

    expect(plain).toMatchObject({ exitCode: 78, stdout: "" });
    expect(plain.stderr).toMatch(
      /^pilothouse: the configuration cannot be used:\npilothouse\.yaml:22:3: unknown key "prot" in server; .*\npilothouse\.yaml:30:10: /,
    );
    expect(json).toMatchObject({ exitCode: 78, stderr: "" });
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      problems: [{ line: 22, column: 3, meant: "port" }, { line: 30 }],
    });
  });

  it("says where it looked when there is no file", async () => {
    const { exitCode, stderr } = await cli(["serve"]);

    expect(exitCode).toBe(78);
    expect(stderr).toContain("write one with: pilothouse init");
  });
});

describe("config show", () => {
  it("shows values with their origin, and no secret", async () => {
    const { stdout } = await cli(["config", "show", "--resolved", "--json"], { cwd: aConfiguredFolder() });
    const entries = JSON.parse(stdout) as { key: string; value: unknown; origin: string }[];

    expect(stdout).not.toContain(secret);
    expect(entries).toContainEqual({
      key: "clusters[0].token.secret",
      value: "[redacted]",
      origin: "pilothouse.yaml:9:15",
    });
    expect(entries).toContainEqual({ key: "store.memory_limit", value: "128MiB", origin: "default" });
  });
});

describe("the demo's data directory", () => {
  it("is refused for a service, and a service's for the demo", async () => {
    const cwd = aConfiguredFolder();
    const dataDir = aFolder();
    writeFileSync(join(dataDir, "state.db"), "");

    const demo = await cli(["demo", "--data-dir", dataDir], { cwd });
    writeFileSync(join(dataDir, "DEMO"), "");
    const service = await cli(["serve", "--data-dir", dataDir], { cwd });

    expect(demo).toMatchObject({
      exitCode: 69,
      stderr: containing("holds something else than a demo's data"),
    });
    expect(service).toMatchObject({ exitCode: 69, stderr: containing("holds the data of a demo") });
  });
});

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
