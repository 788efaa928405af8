import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { request } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { browserMissing, launchBrowser } from "../web/browser.ts";
import { aDataDir, type Built, configFor, run } from "./built-service.ts";

let simulator: RunningSimulator;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ nodes: 3, guests: 12, unauthorizedDelayMs: 0 });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(async () => simulator.close());

function started(...args: string[]): Built {
  const built = run(...args);
  cleanUps.push(async () => {
    built.process.kill("SIGKILL");
    await built.ended;
  });
  return built;
}

function aDir(): string {
  const { dir, remove } = aDataDir();
  cleanUps.push(remove);
  return dir;
}

async function get<T>(url: string, token: string): Promise<T> {
  const { statusCode, body } = await request(url, { headers: { authorization: `Bearer ${token}` } });
  expect(statusCode, url).toBe(200);
  return (await body.json()) as T;
}

const aToken = async (config: string): Promise<string> => {
  const { stdout } = await run("token", "create", "--name", "test", "--role", "viewer", "--json", "--config", config)
    .ended;
  return (JSON.parse(stdout) as { token: string }).token;
};

interface Items {
  readonly items: readonly {
    readonly id: string;
    readonly name: string;
    readonly values: Readonly<Record<string, number>>;
  }[];
}

describe("the built service", () => {
  it("serves a cluster that is given by URL and token, and ends cleanly", async () => {
    const config = configFor(simulator, aDir());
    const service = started("serve", "--config", config);
    const url = await service.says(/Page\s+(http:\S+)/);
    const token = await aToken(config);

    await expect.poll(async () => (await request(`${url}/readyz`)).statusCode, { timeout: 15_000 }).toBe(200);
    const nodes = await get<Items>(`${url}/api/v1/nodes`, token);
    const guests = await get<Items>(`${url}/api/v1/guests?limit=100`, token);
    const series = await get<{ series: { time: number[] }[] }>(
      `${url}/api/v1/series?id=lab/node/pve1&field=cpu_ratio&from=-30m&step=raw`,
      token,
    );
    service.process.kill("SIGTERM");

    expect(nodes.items.map((node) => node.name)).toEqual(["pve1", "pve2", "pve3"]);
    expect(guests.items).toHaveLength(12);
    expect(series.series[0]?.time.length).toBeGreaterThan(150);
    expect((await service.ended).code).toBe(0);
  });

  it("holds every sample after it was killed, without a gap and without a double", async () => {
    const config = configFor(simulator, aDir());
    const first = started("serve", "--config", config);
    const firstUrl = await first.says(/Page\s+(http:\S+)/);
    await expect.poll(async () => (await request(`${firstUrl}/readyz`)).statusCode, { timeout: 15_000 }).toBe(200);
    first.process.kill("SIGKILL");
    await first.ended;

    const second = started("serve", "--config", config);
    const url = await second.says(/Page\s+(http:\S+)/);
    const token = await aToken(config);
    await expect.poll(async () => (await request(`${url}/readyz`)).statusCode, { timeout: 15_000 }).toBe(200);
    const { series } = await get<{ series: { time: number[] }[] }>(
      `${url}/api/v1/series?id=lab/node/pve1,lab/node/pve2,lab/node/pve3&field=uptime_seconds&from=-29m&step=raw`,
      token,
    );

    for (const { time } of series) {
      expect(time.length).toBeGreaterThan(150);
      expect(new Set(time.slice(1).map((at, index) => at - (time[index] ?? 0)))).toEqual(new Set([10_000]));
    }
  });

  it("refuses a second instance on the same data, and says who has it", async () => {
    const config = configFor(simulator, aDir());
    const first = started("serve", "--config", config);
    await first.says(/Page/);

    const { code, stderr } = await started("serve", "--config", config).ended;

    expect(code).toBe(75);
    expect(stderr).toMatch(new RegExp(`Pilothouse already runs on .* \\(process ${first.process.pid} on host`));
    expect(stderr).not.toContain("    at ");
  });

  it("says which port is busy", async () => {
    const busy = createServer().listen(0, "127.0.0.1");
    cleanUps.push(() => busy.close());
    await new Promise((listening) => busy.once("listening", listening));
    const { port } = busy.address() as { port: number };

    const { code, stderr } = await started("serve", "--config", configFor(simulator, aDir()), "--port", String(port))
      .ended;

    expect(code).toBe(69);
    expect(stderr).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expect(stderr).not.toContain("    at ");
  });

  it.each(["file/data", "/proc/pilothouse"])("says when %s cannot be a data directory", async (path) => {
    const dir = aDir();
    writeFileSync(join(dir, "file"), "");

    const { code, stderr } = await started(
      "serve",
      "--config",
      configFor(simulator, dir),
      "--data-dir",
      resolve(dir, path),
    ).ended;

    expect(code).toBe(69);
    expect(stderr).toContain(`The data directory cannot be used: ${resolve(dir, path)}`);
    expect(stderr).not.toContain("    at ");
  });
});

describe("the demo", () => {
  const demo = (...more: readonly string[]): ReturnType<typeof started> =>
    started("demo", "--nodes", "1", "--guests", "1", "--port", "0", ...more);

  it("needs no account on this machine, and offers one where others reach it", { timeout: 60_000 }, async () => {
    const [own, open] = [demo(), demo("--host", "0.0.0.0")];
    const link = await open.says(/(http:\S+\/setup#token=\S+)/);
    const address = await own.says(/(http:\/\/127\.0\.0\.1:\d+)/);

    expect(new URL(link).hostname).toBe("localhost");
    expect((await fetch(`${address}/api/v1/nodes`)).status).toBe(200);
    own.process.kill("SIGTERM");
    expect((await own.ended).stderr).not.toContain("/setup#token=");
  });
});

describe.skipIf(browserMissing())("a person in front of it", () => {
  it("sets up the first account by the one-time link, and sees a change in the cluster within the poll period and two seconds", async () => {
    const service = started("serve", "--config", configFor(simulator, aDir()));
    const link = await service.says(/(http:\S+\/setup#token=\S+)/);
    const browser = await launchBrowser();
    cleanUps.push(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1360, height: 900 } });
    await page.goto(link);
    await page.fill("input[name=name]", "ada");
    await page.fill("input[name=password]", "a long enough secret");
    await page.fill("input[name=repeat]", "a long enough secret");
    await page.click("button[type=submit]");
    const guest = [...simulator.state.guests.values()].find(
      (each) => simulator.state.guest(each.vmid).lives.at(-1)?.toS === Number.POSITIVE_INFINITY,
    );
    const row = page.locator("[role=row]", { hasText: new RegExp(`(VM|CT) ${guest?.vmid}(?!\\d)`) });
    await row.waitFor({ timeout: 20_000 });
    expect(await row.textContent()).not.toContain("stopped");

    simulator.state.stopGuest(guest?.vmid ?? 0);
    await expect.poll(async () => listedStatus(guest?.vmid ?? 0), { timeout: 15_000, interval: 100 }).toBe("stopped");
    const since = performance.now();
    await row.filter({ hasText: "stopped" }).waitFor({ timeout: 20_000 });

    expect((performance.now() - since) / 1000).toBeLessThan(12);

    await page.locator(".reader summary", { hasText: "ada" }).click();
    await page.fill("input[name=current]", "a long enough secret");
    await page.fill("input[name=password]", "another long secret");
    await page.fill("input[name=repeat]", "another long secret");
    await page.click(".password-form button[type=submit]");
    await page.locator("[role=status]", { hasText: "Changed; your other sessions have ended." }).waitFor();
  }, 60_000);
});

/** What the cluster itself says, asked past our own client. */
async function listedStatus(vmid: number): Promise<string | undefined> {
  const { Agent } = await import("undici");
  const dispatcher = new Agent({ connect: { ca: simulator.caPem, checkServerIdentity: () => undefined } });
  const { body } = await request(`${simulator.url}/api2/json/cluster/resources?type=vm`, {
    dispatcher,
    headers: { authorization: `PVEAPIToken=${simulator.tokenId}=${simulator.tokenSecret}` },
  });
  const { data } = (await body.json()) as { data: { vmid: number; status: string }[] };
  await dispatcher.close();
  return data.find((row) => row.vmid === vmid)?.status;
}
