// S9: canary secrets go through everything that the built service and its command line do, and are found nowhere but in
// the files they came from. The support bundle also holds no guest's name.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { aDataDir, type Built, type Ended, run } from "./built-service.ts";

const canaries = {
  token: "c0ffee00-cafe-4bad-8fee-0123456789ab",
  password: "canary-Pass/w0rd+of=ada",
  wrongPassword: "canary-wrong-one-7",
  pushToken: "canary-push-token-0123456789",
};
const cleanUps: (() => unknown)[] = [];
let simulator: RunningSimulator;
let dir: string;
let config: string;
let service: Built;
let url: string;
let apiToken: string;

beforeAll(async () => {
  simulator = await startSimulator({ nodes: 2, guests: 8, unauthorizedDelayMs: 0 });
  const { access } = simulator.state;
  access.createToken({ token: "canary", secret: canaries.token, roles: [{ role: "PVEAuditor" }] });
  access.createUser({ user: "ada@pve", password: canaries.password, roles: [{ role: "PVEAuditor" }] });
  const made = aDataDir();
  dir = made.dir;
  cleanUps.push(() => simulator.close(), made.remove);
  for (const [name, secret] of Object.entries(canaries)) writeFileSync(join(dir, name), secret, { mode: 0o600 });
  const file = (name: string): string => `"\${file:${join(dir, name)}}"`;
  const cluster = (id: string, host: string, account: string): string => `  - id: ${id}
    endpoints: [${simulator.url.replace("127.0.0.1", host)}]
    ${account}
    trust: { fingerprint: "${simulator.fingerprint}" }
    limits: { requests_per_second: 200 }
    history: { import: false }
`;
  config = join(dir, "pilothouse.yaml");
  writeFileSync(
    config,
    `data_dir: ${join(dir, "data")}
clusters:
${cluster("tok", "127.0.0.1", `token: { id: "pilothouse@pve!canary", secret: ${file("token")} }\n    push: { token: ${file("pushToken")} }`)}${cluster("pwd", "127.0.0.2", `login: { user: ada@pve, password: ${file("password")} }`)}${cluster("bad", "localhost", `login: { user: ada@pve, password: ${file("wrongPassword")} }`)}server: { port: 0 }
log: { level: debug }
`,
    { mode: 0o600 },
  );
  service = run("serve", "--config", config);
  cleanUps.push(async () => {
    service.process.kill("SIGKILL");
    await service.ended;
  });
  url = await service.says(/Page\s+(http:\S+)/);
  const { stdout } = await ended("token", "create", "--name", "t", "--role", "admin", "--json");
  apiToken = (JSON.parse(stdout) as { token: string }).token;
  await vi.waitFor(async () => expect(await get("/api/v1/clusters")).toContain("pwd/cluster"), { timeout: 20_000 });
  await vi.waitFor(async () => expect(await get("/api/v1/problems")).toContain("token_refused"), { timeout: 20_000 });
});
afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

const ended = (...args: string[]): Promise<Ended> => run(...args, "--config", config).ended;

async function get(path: string): Promise<string> {
  const { body } = await request(`${url}${path}`, { headers: { authorization: `Bearer ${apiToken}` } });
  return body.text();
}

function expectNoCanary(text: string, where: string): void {
  for (const secret of Object.values(canaries)) {
    for (const written of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) {
      expect(text.includes(written), `${where} shows a secret`).toBe(false);
    }
  }
  expect(/PVE:ada@pve:[0-9A-F]{8}::/.test(text), `${where} shows a ticket`).toBe(false);
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

async function bundle(...flags: string[]): Promise<ReadonlyMap<string, string>> {
  const name = `bundle${flags.length}.tar.gz`;
  const { code, stderr } = await ended("support-bundle", join(dir, name), ...flags);
  expect(code, stderr).toBe(0);
  expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
  execFileSync("tar", ["-xzf", name, "--one-top-level"], { cwd: dir });
  const folder = join(dir, name.replace(".tar.gz", ""));
  return new Map(filesIn(folder).map((path) => [path.split("/").at(-1) ?? "", readFileSync(path, "utf8")]));
}

describe("a secret", () => {
  it("is in no answer of the API, not in the metrics and not on the page", async () => {
    const paths = [
      "clusters",
      "nodes",
      "guests",
      "storages",
      "tasks",
      "problems",
      "jobs",
      "about",
      "me",
      "users",
      "tokens",
    ];
    for (const path of paths) expectNoCanary(await get(`/api/v1/${path}`), path);
    for (const path of ["/metrics", "/", "/api/openapi.json", "/readyz"]) expectNoCanary(await get(path), path);
  });

  it("is in no output of the command line", async () => {
    for (const args of [["doctor"], ["doctor", "--json"], ["status"], ["config", "show", "--resolved"], ["reload"]]) {
      const { stdout, stderr } = await ended(...args);
      expectNoCanary(stdout + stderr, args.join(" "));
    }
  });

  it("is not in the process list and not in the environment of the service", () => {
    if (!existsSync("/proc/self/cmdline")) return;
    for (const file of ["cmdline", "environ"]) {
      expectNoCanary(readFileSync(`/proc/${service.process.pid}/${file}`, "latin1"), file);
    }
  });

  it("is in no file of the data directory", () => {
    const files = filesIn(join(dir, "data"));

    expect(files.length).toBeGreaterThan(2);
    for (const file of files) expectNoCanary(readFileSync(file, "latin1"), file);
  });

  it("is not in the log, which says that the wrong password was refused", async () => {
    const problems = await get("/api/v1/problems");
    expect(problems).toContain("refused ada@pve (401 authentication failure)");

    service.process.kill("SIGTERM");
    const { code, stdout, stderr } = await service.ended;

    expect(code).toBe(0);
    expectNoCanary(stdout + stderr, "the log");
  }, 30_000);
});

describe("the support bundle", () => {
  it("of a running service has everything that helps, no secret and no guest's name", async () => {
    const own = run("serve", "--config", config);
    cleanUps.push(async () => {
      own.process.kill("SIGKILL");
      await own.ended;
    });
    url = await own.says(/Page\s+(http:\S+)/);
    await expect.poll(() => get("/api/v1/problems"), { timeout: 20_000 }).toContain("token_refused");
    const names = [...simulator.state.guests.values()].map(({ name }) => name);
    simulator.state.deleteGuest([...simulator.state.guests.keys()][0] ?? 0);
    await expect.poll(() => get("/api/v1/guests?limit=100"), { timeout: 20_000 }).toContain(names[1]);

    const files = await bundle();
    const withNames = await bundle("--with-names");

    expect([...files.keys()].sort()).toEqual(
      [
        "README.txt",
        "clusters.json",
        "configuration.json",
        "doctor.json",
        "jobs.json",
        "log.jsonl",
        "metrics.txt",
      ].concat(["problems.json", "status.json", "store.json", "versions.json"]),
    );
    for (const [file, text] of [...files, ...withNames]) expectNoCanary(text, file);
    for (const [file, text] of files) {
      for (const name of names) expect(new RegExp(`\\b${name}\\b`).test(text), `${file} names ${name}`).toBe(false);
    }
    expect(files.get("problems.json")).toContain("token_refused");
    expect(files.get("doctor.json")).toContain('"check": "privileges"');
    expect(files.get("metrics.txt")).toContain('pilothouse_polls_total{cluster="tok"}');
    expect(files.get("configuration.json")).toContain('"clusters[1].login.password"');
    expect(JSON.parse(files.get("versions.json") ?? "")).toMatchObject({ node: process.versions.node });
    expect(JSON.parse(files.get("clusters.json") ?? "")).toContainEqual(
      expect.objectContaining({ id: "tok", release: "9.2" }),
    );
    own.process.kill("SIGTERM");
    await own.ended;
  }, 60_000);

  it("without a service says what is missing; an existing file is not replaced by accident", async () => {
    const file = join(dir, "again.tar.gz");

    const first = await ended("support-bundle", file, "--json");
    const second = await ended("support-bundle", file);
    const nowhere = await ended("support-bundle", join(dir, "no/such/folder.tar.gz"));

    expect(JSON.parse(first.stdout)).toMatchObject({ file, service: false });
    expect(first.stderr).toContain("No service runs");
    expect([first.code, second.code]).toEqual([0, 2]);
    expect(second.stderr).toContain("replace it with --force");
    expect(nowhere.stderr).toContain("cannot be written (ENOENT)");
  }, 60_000);
});
