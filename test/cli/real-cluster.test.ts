// init and doctor against the simulated cluster, which enforces tokens and rights like a real one.
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { aFolder, type CliResult, cli, containing, matching } from "./run-in-process.ts";

let pve: RunningSimulator;
beforeAll(async () => {
  pve = await startSimulator({ nodes: 2, guests: 4, unauthorizedDelayMs: 0 });
});
afterAll(async () => pve.close());

const tokenFlags = (): string[] => ["--url", pve.url, "--token-id", pve.tokenId];
const withSecret = (cwd: string, more: readonly string[] = []): Promise<CliResult> =>
  cli(["init", ...tokenFlags(), "--token-file", "-", "--yes", ...more], { cwd, stdin: `${pve.tokenSecret}\n` });

describe("init", () => {
  it("asks four questions, shows the certificate, checks privileges, and writes a private file", async () => {
    const cwd = aFolder();

    const { exitCode, stdout, stderr } = await cli(["init"], {
      cwd,
      stdin: `${pve.url}\ny\n${pve.tokenId}\n${pve.tokenSecret}\n`,
    });

    const file = join(cwd, "pilothouse.yaml");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${file}\n` });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stderr).toContain(`SHA-256  ${pve.fingerprint}`);
    expect(stderr).toContain("✓ Sys.Audit on /");
    expect(stderr).toContain('pveum role add PilothouseObserver --privs "Sys.Audit VM.Audit');
    expect(stderr).toContain("Next: pilothouse serve");
    expect(stdout + stderr).not.toContain(pve.tokenSecret);
    expect((await cli(["check-config"], { cwd })).exitCode).toBe(0);
  });

  it("needs no question when all is given by flags and stdin", async () => {
    const cwd = aFolder();
    const flags = [
      "init",
      ...tokenFlags(),
      "--token-file",
      "-",
      "--fingerprint",
      pve.fingerprint,
      "--id",
      "lab",
      "--name",
      "Lab",
    ];

    const { exitCode } = await cli(flags, { cwd, stdin: pve.tokenSecret });

    expect(exitCode).toBe(0);
    expect(readFileSync(join(cwd, "pilothouse.yaml"), "utf8")).toMatch(/- id: lab\n +name: Lab\n +endpoints:\n/);
  });

  it("adds a cluster to an existing file and keeps its comments; the same id only with --force", async () => {
    const cwd = aFolder();
    const file = join(cwd, "pilothouse.yaml");
    await withSecret(cwd, ["--id", "one"]);
    writeFileSync(file, `# ours\n${readFileSync(file, "utf8")}log:\n  level: debug # loud\n`);

    const added = await withSecret(cwd, ["--id", "two"]);
    const again = await withSecret(cwd, ["--id", "two"]);
    const forced = await withSecret(cwd, ["--id", "two", "--name", "Renamed", "--force"]);

    expect([added.exitCode, again.exitCode, forced.exitCode]).toEqual([0, 78, 0]);
    expect(again.stderr).toContain('has a cluster "two" already; replace it with --force');
    const text = readFileSync(file, "utf8");
    expect(text).toContain("# ours");
    expect(text).toContain("level: debug # loud");
    expect(text.match(/- id: /g)).toHaveLength(2);
    expect(text).toContain("name: Renamed");
  });

  it("refers to a secret's file, and refuses one that others may read", async () => {
    const cwd = aFolder();
    const secretFile = join(cwd, "secret");
    writeFileSync(secretFile, `${pve.tokenSecret}\n`, { mode: 0o644 });
    const flags = ["init", ...tokenFlags(), "--token-file", "secret", "--yes"];

    const open = await cli(flags, { cwd });
    chmodSync(secretFile, 0o600);
    const closed = await cli(flags, { cwd });

    expect(open).toMatchObject({ exitCode: 78, stderr: containing(`chmod 600 ${secretFile}`) });
    expect(closed.exitCode).toBe(0);
    const text = readFileSync(join(cwd, "pilothouse.yaml"), "utf8");
    expect(text).toContain(`\${file:${secretFile}}`);
    expect(text).not.toContain(pve.tokenSecret);
  });

  it("sends nothing and writes nothing when the certificate is another one or is not confirmed", async () => {
    const requests = pve.state.requests.total;
    const other = pve.fingerprint.replace(/^../, pve.fingerprint.startsWith("00") ? "11" : "00");

    const wrong = await cli(["init", ...tokenFlags(), "--token-file", "-", "--fingerprint", other], {
      stdin: pve.tokenSecret,
    });
    const refused = await cli(["init", "--url", pve.url], { stdin: "n\n" });

    expect(wrong).toMatchObject({ exitCode: 76, stdout: "", stderr: containing("another certificate") });
    expect(refused).toMatchObject({ exitCode: 76, stdout: "", stderr: containing("not confirmed") });
    expect(pve.state.requests.total).toBe(requests);
  });

  it("names a refused token, an unreachable host and an input that ends, each in one sentence", async () => {
    const refused = await cli(["init", ...tokenFlags(), "--token-file", "-", "--yes"], {
      stdin: "00000000-0000-4000-8000-000000000000",
    });
    const unreachable = await cli(["init", "--url", "https://127.0.0.1:1"]);
    const ended = await cli(["init", "--url", pve.url, "--yes"], { stdin: "" });

    expect(refused.exitCode).toBe(77);
    expect(unreachable).toMatchObject({
      exitCode: 69,
      stderr: containing("https://127.0.0.1:1 cannot be reached"),
    });
    expect(ended).toMatchObject({ exitCode: 2, stderr: containing("give --token-id") });
    for (const { stderr } of [refused, unreachable, ended]) expect(stderr).not.toMatch(/\n\s+at /);
  });

  it("says what a token without rights lacks, one by one, and ends with 77", async () => {
    const poor = pve.state.access.createToken({
      token: "poor",
      secret: "11111111-1111-4111-8111-111111111111",
      roles: [{ role: "PVEDatastoreUser" }],
    });

    const { exitCode, stderr } = await cli(
      ["init", "--url", pve.url, "--token-id", poor.tokenId, "--token-file", "-", "--yes"],
      {
        stdin: poor.tokenSecret,
      },
    );

    expect(exitCode).toBe(77);
    expect(stderr).toMatch(/✗ Sys\.Audit on \/: Quorum .* No samples every ten seconds/);
    expect(stderr).toMatch(/✗ VM\.Audit on \/vms: Guests are not listed/);
  });
});

describe("init with a user in place of a token", () => {
  it("signs in, says that a token is better, and writes the password or a reference to its file", async () => {
    const cwd = aFolder();
    pve.state.access.createUser({ user: "ada@pve", password: "canary word", roles: [{ role: "PVEAuditor" }] });
    writeFileSync(join(cwd, "password"), "canary word\n", { mode: 0o600 });
    const flags = ["init", "--url", pve.url, "--user", "ada@pve", "--yes"];

    const byFile = await cli([...flags, "--password-file", "password"], { cwd });
    const checked = await cli(["doctor", "--json"], { cwd });
    const byStdin = await cli([...flags, "--id", "two", "--password-file", "-"], { cwd, stdin: "canary word" });

    expect([byFile.exitCode, byStdin.exitCode]).toEqual([0, 0]);
    expect(byFile.stderr).toContain("An API token is better");
    expect(byFile.stderr).toContain("accepts ada@pve");
    expect(byFile.stderr + byStdin.stderr + checked.stdout).not.toContain("canary");
    expect(checked.stdout).toContain("ada@pve is accepted");
    const text = readFileSync(join(cwd, "pilothouse.yaml"), "utf8");
    expect(text).toContain(`\${file:${join(cwd, "password")}}`);
    expect(text).toContain("password: canary word");
  });

  it("says that an account with a second factor needs a token", async () => {
    pve.state.access.createUser({ user: "tfa@pve", password: "x", secondFactor: true });

    const { exitCode, stderr } = await cli(
      ["init", "--url", pve.url, "--user", "tfa@pve", "--password-file", "-", "--yes"],
      { stdin: "x" },
    );

    expect(exitCode).toBe(77);
    expect(stderr).toMatch(/tfa@pve needs a second factor .* use an API token, which needs none\./);
  });
});

describe("doctor", () => {
  it("finds all in order on a good set-up", async () => {
    const cwd = aFolder();
    await withSecret(cwd);

    const { exitCode, stdout } = await cli(["doctor", "--json", "--port", "0"], { cwd });

    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { check: string; level: string }[] };
    expect({ exitCode, ok }).toEqual({ exitCode: 0, ok: true });
    // The built-in PVEAuditor has no Sys.Syslog, which only the cluster log needs.
    expect(checks.filter(({ level }) => level !== "ok").map(({ check }) => check)).toEqual(["service", "privileges"]);
    expect(stdout).not.toContain(pve.tokenSecret);
  });

  it.each([
    ["configuration", (text: string) => text.replace("clusters:", "cluster:"), /unknown key "cluster"/],
    ["reachability", (text: string) => text.replaceAll(/:\d{4,5}(?=\n)/g, ":1"), /nothing listens on port 1/],
    [
      "reachability",
      (text: string) => text.replace("https://127.0.0.1", "https://nowhere.invalid"),
      /nowhere\.invalid has no address/,
    ],
    ["certificate", (text: string) => text.replace(/fingerprint: ../, "fingerprint: 0F"), /but 0F:.* is trusted/],
    ["token", (text: string) => text.replace(/secret: .*/, "secret: 00000000-0000-4000-8000-000000000000"), /./],
    ["data directory", (text: string) => `data_dir: ./pilothouse.yaml\n${text}`, /is no directory/],
    ["port", (text: string) => `server: { host: 192.0.2.1 }\n${text}`, /cannot be listened on/],
  ] as const)("fails with the line that mends it: %s", async (check, breakIt, message) => {
    const cwd = aFolder();
    await withSecret(cwd);
    const file = join(cwd, "pilothouse.yaml");
    writeFileSync(file, breakIt(readFileSync(file, "utf8")));

    const { exitCode, stdout } = await cli(["doctor", "--json"], { cwd });

    const { checks } = JSON.parse(stdout) as {
      checks: { check: string; level: string; message: string; fix: string }[];
    };
    const failed = checks.find((result) => result.check === check && result.level === "fail");
    expect(exitCode).toBe(1);
    expect(failed?.message).toMatch(message);
    expect(failed?.fix).not.toBe("");
  });

  it("warns of passwords in the clear", async () => {
    const cwd = aFolder();
    await withSecret(cwd);

    const { stdout } = await cli(["doctor", "--host", "0.0.0.0", "--port", "0"], { cwd });

    expect(stdout).toMatch(
      /WARN {2}exposure +0\.0\.0\.0: passwords cross the network in the clear\n +→ set server\.tls/,
    );
  });
});

describe("simulate", () => {
  it("says how to get in, and ends on a signal", async () => {
    const { exitCode, stdout } = await cli(
      ["simulate", "--nodes", "1", "--guests", "1", "--release", "8.4", "--json"],
      {
        onListening: (send) => setTimeout(() => send("SIGTERM"), 50),
      },
    );

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      url: matching(/^https:/),
      token_id: "pilothouse@pve!pilothouse",
    });
  });
});
