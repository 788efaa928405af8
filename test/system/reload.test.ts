// The built service takes up changed clusters and secrets while it runs.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { aDataDir, type Built, run } from "./built-service.ts";

let lab: RunningSimulator;
let other: RunningSimulator;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  lab = await startSimulator({ nodes: 2, guests: 4, unauthorizedDelayMs: 0 });
  other = await startSimulator({ nodes: 1, guests: 2, unauthorizedDelayMs: 0 });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(async () => {
  await lab.close();
  await other.close();
});

const clusterText = (id: string, simulator: RunningSimulator, secretFile: string, more = ""): string => `  - id: ${id}
    endpoints: [${simulator.url}]
    token: { id: "${simulator.tokenId}", secret: "\${file:${secretFile}}" }
    trust: { fingerprint: "${simulator.fingerprint}" }
    poll_period: 5s
    limits: { requests_per_second: 200 }
    history: { import: false }
${more}`;

async function aService() {
  const { dir, remove } = aDataDir();
  cleanUps.push(remove);
  const file = join(dir, "pilothouse.yaml");
  const secretFile = (id: string): string => join(dir, `${id}.secret`);
  writeFileSync(secretFile("lab"), lab.tokenSecret, { mode: 0o600 });
  writeFileSync(secretFile("other"), other.tokenSecret, { mode: 0o600 });
  const configure = (clusters: string, more = "server: { port: 0 }\n"): void => {
    writeFileSync(file, `data_dir: ${join(dir, "data")}\nclusters:\n${clusters}${more}`, { mode: 0o600 });
  };
  const labText = clusterText("lab", lab, secretFile("lab"));
  const otherText = clusterText("other", other, secretFile("other"));
  configure(labText);
  const service: Built = run("serve", "--config", file);
  cleanUps.push(async () => {
    service.process.kill("SIGKILL");
    await service.ended;
  });
  const url = await service.says(/Page\s+(http:\S+)/);
  const made = await run("token", "create", "--name", "t", "--role", "admin", "--json", "--config", file).ended;
  const { token } = JSON.parse(made.stdout) as { token: string };
  const get = async (path: string): Promise<string> => {
    const { body } = await request(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return body.text();
  };
  const clusters = async (): Promise<readonly string[]> =>
    (JSON.parse(await get("/api/v1/clusters")) as { items: { id: string }[] }).items.map(({ id }) => id).sort();
  const nodes = async (): Promise<number> =>
    (JSON.parse(await get("/api/v1/nodes")) as { items: unknown[] }).items.length;
  const polls = async (name: string, cluster: string): Promise<number> =>
    Number(new RegExp(`^${name}\\{cluster="${cluster}"\\} (\\d+)`, "m").exec(await get("/metrics"))?.[1] ?? -1);
  const problems = async (): Promise<string> => get("/api/v1/problems");
  const reload = (): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    run("reload", "--config", file).ended;
  await expect.poll(nodes, { timeout: 15_000 }).toBe(2);
  return { service, file, configure, labText, otherText, secretFile, clusters, nodes, polls, problems, reload };
}

describe("the running service", () => {
  it("takes up a new cluster, and lets go of one that was removed, without touching the others", async () => {
    const it = await aService();

    it.configure(it.labText + it.otherText);
    const added = await it.reload();
    await expect.poll(it.nodes, { timeout: 15_000 }).toBe(3);
    const pollsBefore = await it.polls("pilothouse_polls_total", "lab");
    it.configure(it.labText);
    it.service.process.kill("SIGHUP");

    await expect.poll(it.clusters, { timeout: 15_000 }).toEqual(["lab/cluster"]);
    expect(added).toMatchObject({ code: 0, stdout: "other: added\n" });
    expect(await it.polls("pilothouse_polls_total", "lab")).toBeGreaterThanOrEqual(pollsBefore);
    expect(await it.polls("pilothouse_polls_total", "other")).toBe(-1);
  }, 60_000);

  it("takes up a new secret without losing a poll, and polls a cluster anew that changed", async () => {
    const it = await aService();
    await expect.poll(() => it.polls("pilothouse_polls_total", "lab"), { timeout: 10_000 }).toBeGreaterThan(0);
    cleanUps.push(() =>
      lab.state.access.createToken({ token: "pilothouse", secret: lab.tokenSecret, roles: [{ role: "PVEAuditor" }] }),
    );
    const pollsBefore = await it.polls("pilothouse_polls_total", "lab");

    // As an administrator rotates it: the second token is made, taken up, and then the first one goes.
    const next = lab.state.access.createToken({ token: "next", roles: [{ role: "PVEAuditor" }] });
    writeFileSync(it.secretFile("lab"), next.tokenSecret);
    it.configure(it.labText.replace(lab.tokenId, next.tokenId));
    const rotated = await it.reload();
    lab.state.access.deleteToken(lab.tokenId);

    await expect
      .poll(() => it.polls("pilothouse_polls_total", "lab"), { timeout: 20_000 })
      .toBeGreaterThanOrEqual(pollsBefore + 2);
    expect(rotated.stdout).toBe("lab: signs in with what is configured now\n");
    expect(await it.problems()).not.toContain("token_refused");

    it.configure(it.labText.replace(lab.tokenId, next.tokenId).replace("poll_period: 5s", "poll_period: 6s"));
    expect((await it.reload()).stdout).toBe("lab: changed, polled anew\n");
    await expect
      .poll(() => it.polls("pilothouse_polls_total", "lab"), { timeout: 15_000 })
      .toBeLessThan(pollsBefore + 2);
    await expect.poll(it.nodes, { timeout: 15_000 }).toBe(2);
  }, 90_000);

  it("keeps what runs when the file is wrong, and says so in log, problems and exit code", async () => {
    const it = await aService();
    const good = readFileSync(it.file, "utf8");

    writeFileSync(it.file, good.replace("poll_period: 5s", "poll_perod: 5s"));
    it.service.process.kill("SIGHUP");
    await expect.poll(it.problems, { timeout: 10_000 }).toContain("configuration_refused");
    const refused = await it.reload();
    writeFileSync(it.file, good.replace("port: 0", "port: 7999"));
    const later = await it.reload();

    expect(refused.code).toBe(78);
    expect(refused.stderr).toContain('did you mean "poll_period"?');
    expect(await it.service.says(/the configuration is wrong; the old one goes on/)).toBeDefined();
    expect(later).toMatchObject({ code: 0, stdout: "" });
    expect(later.stderr).toContain("Take effect at the next start: server.port");
    const now = JSON.parse(await it.problems()) as { items: { code: string; cleared_at: string | null }[] };
    expect(now.items.filter((each) => each.cleared_at === null).map(({ code }) => code)).toEqual(["restart_needed"]);
    expect(await it.nodes()).toBe(2);
  }, 60_000);
});
