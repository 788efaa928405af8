// The built service, polled and pushed to at once, over real HTTP: the bytes are those that Proxmox VE's metric servers
// send, and what is held afterwards is compared with what the nodes measured.
import { chmodSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { request } from "undici";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { influxBodies, otlpBodies } from "../collect/push/as-pve-pushes.ts";
import { expectTruth } from "../promises/compare.ts";
import { Oracle } from "../promises/oracle.ts";
import { engineStore } from "../store/build.ts";
import { aDataDir, run } from "./built-service.ts";

const pushToken = "0123456789abcdef0123456789abcdef";
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function configFor(simulator: RunningSimulator, dir: string, pollPeriod: string): string {
  const file = join(dir, "pilothouse.yaml");
  const text = `data_dir: ${join(dir, "data")}
clusters:
  - id: lab
    endpoints: [${simulator.url}]
    token: { id: "${simulator.tokenId}", secret: ${simulator.tokenSecret} }
    trust: { fingerprint: "${simulator.fingerprint}" }
    limits: { requests_per_second: 200 }
    history: { import: false }
    poll_period: ${pollPeriod}
    push: { token: ${pushToken} }
server: { port: 0 }
`;
  writeFileSync(file, text);
  chmodSync(file, 0o600);
  return file;
}

async function aPushedService(pollPeriod = "5s") {
  const simulator = await startSimulator({ nodes: 2, guests: 8, speed: 0, unauthorizedDelayMs: 0 });
  cleanUps.push(() => simulator.close());
  const oracle = new Oracle(simulator.state, "lab");
  const { dir, remove } = aDataDir();
  cleanUps.push(remove);
  const config = configFor(simulator, dir, pollPeriod);
  const serve = async () => {
    const built = run("serve", "--config", config);
    cleanUps.push(async () => {
      built.process.kill("SIGKILL");
      await built.ended;
    });
    return { built, url: (await built.says(/Page\s+(http:\S+)/)).replace(/\/$/, "") };
  };
  const { built, url } = await serve();
  const words = ["token", "create", "--name", "test", "--role", "viewer", "--json", "--config", config];
  const { token } = JSON.parse((await run(...words).ended).stdout) as { token: string };
  return { simulator, oracle, built, url, token, config, serve, dataDir: join(dir, "data") };
}

type Sent = { readonly status: number; readonly text: string };

/** As LWP sends it: no content type for lines. */
async function post(url: string, body: string | Buffer, headers: Record<string, string>): Promise<Sent> {
  const answer = await request(url, { method: "POST", headers, body });
  return { status: answer.statusCode, text: await answer.body.text() };
}
/** What a body of this length is answered before any of it was sent. */
function announce(url: string, length: number): Promise<string> {
  const { hostname, port, pathname, host } = new URL(url);
  const lines = [`POST ${pathname} HTTP/1.1`, `Host: ${host}`, `Authorization: ${asInflux.authorization}`];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${[...lines, `Content-Length: ${length}`].join("\r\n")}\r\n\r\n`);
    });
    socket.once("data", (data: Buffer) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

const asInflux = { authorization: `Token ${pushToken}` };
const asOtlp = {
  authorization: `Bearer ${pushToken}`,
  "content-type": "application/json",
  "content-encoding": "gzip",
};

/** What every node has measured last. */
async function pushAll(simulator: RunningSimulator, url: string, format: "influx" | "otlp"): Promise<void> {
  for (const node of simulator.state.nodes.keys()) {
    const generation = simulator.state.pvestatd.history(node).at(-1);
    if (generation === undefined) continue;
    if (format === "influx") {
      for (const body of influxBodies({ node, generation })) {
        const sent = await post(`${url}/api/v2/write?org=proxmox&bucket=proxmox`, body, asInflux);
        expect(sent).toEqual({ status: 204, text: "" });
      }
    } else {
      for (const body of otlpBodies({ node, generation })) {
        const sent = await post(`${url}/v1/metrics`, gzipSync(body), asOtlp);
        expect(sent).toEqual({ status: 200, text: "{}" });
      }
    }
  }
}

const takesPushes = (url: string): Promise<void> =>
  expect.poll(async () => (await post(`${url}/api/v2/write`, "", asInflux)).status, { timeout: 20_000 }).toBe(204);

/** "id time origin" of every row as it lies in the store, twins and all. */
async function storedRows(config: string): Promise<string[]> {
  const { stdout } = await run(
    "export",
    "--csv",
    "--kind",
    "node",
    "--from",
    "-2h",
    "--to",
    "2100-01-01",
    "--config",
    config,
  ).ended;
  const [header = "", ...lines] = stdout.trim().split("\n");
  const columns = ["id", "time", "origin"].map((name) => header.split(",").indexOf(name));
  expect(Math.min(...columns), header).toBeGreaterThanOrEqual(0);
  return lines.map((line) => columns.map((column) => line.split(",")[column]).join(" "));
}

interface SeriesAnswer {
  readonly series: readonly {
    readonly time: readonly number[];
    readonly value: readonly number[];
    readonly origin: readonly string[];
  }[];
}

describe("a service that a cluster pushes to", () => {
  it("holds what was pushed and what was polled, each sample once", { timeout: 90_000 }, async () => {
    const { simulator, oracle, built, url, token, dataDir } = await aPushedService();
    const get = async <T>(path: string): Promise<T> => {
      const { body } = await request(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      return (await body.json()) as T;
    };
    // Until the first listing a push is refused, and loses nothing.
    await takesPushes(url);

    for (let round = 0; round < 12; round++) {
      simulator.advance(10_000);
      oracle.watch();
      await pushAll(simulator, url, round % 2 === 0 ? "influx" : "otlp");
    }

    const measured = simulator.state.pvestatd.history("pve1").map(({ timestampS }) => timestampS * 1000);
    const [from, to] = [measured.at(-12) ?? 0, (measured.at(-1) ?? 0) + 1];
    const path = `/api/v1/series?id=lab/node/pve1&field=cpu_ratio&step=raw&from=${from}&to=${to}`;
    // Pushed samples are there at once; the first of them, which was left to the polls, comes with the next.
    await expect
      .poll(async () => (await get<SeriesAnswer>(path)).series[0]?.time, { timeout: 20_000 })
      .toEqual(measured.slice(-12));
    expect((await get<SeriesAnswer>(path)).series[0]?.origin).toContain("push");
    const jobs = await get<{ items: { id: string; last_result: string }[] }>("/api/v1/jobs");
    expect(jobs.items.find(({ id }) => id === "push/lab")?.last_result).toMatch(/\d+ pushes, \d+ rows/);

    built.process.kill("SIGTERM");
    await built.ended;
    const store = await engineStore(dataDir);
    cleanUps.push(() => store.close());
    await expectTruth(store, oracle);
  });

  it("holds every sample once also after it was killed between two polls", { timeout: 90_000 }, async () => {
    const { simulator, oracle, built, url, config, serve, dataDir } = await aPushedService("1h");
    await takesPushes(url);
    for (let round = 0; round < 4; round++) {
      simulator.advance(10_000);
      oracle.watch();
      await pushAll(simulator, url, "influx");
    }
    built.process.kill("SIGKILL");
    await built.ended;
    simulator.advance(10_000);
    oracle.watch();

    const again = await serve();
    await takesPushes(again.url);
    const rows = await vi.waitFor(
      async () => {
        const found = await storedRows(config);
        const measured = ["pve1", "pve2"].flatMap((node) => simulator.state.pvestatd.history(node));
        // What was measured before the first poll of all is there too, as far as the nodes remember it.
        expect(found.length).toBeGreaterThanOrEqual(measured.length);
        return found;
      },
      { timeout: 30_000, interval: 500 },
    );

    expect(rows.filter((row) => row.endsWith(" push"))).toHaveLength(2 * 3);
    const moments = rows.map((row) => row.replace(/ \w+$/, ""));
    expect(new Set(moments).size).toBe(moments.length);
    again.built.process.kill("SIGTERM");
    await again.built.ended;
    const store = await engineStore(dataDir);
    cleanUps.push(() => store.close());
    await expectTruth(store, oracle);
  });

  it("takes a push only with the token, which opens nothing else", { timeout: 60_000 }, async () => {
    const { url, token } = await aPushedService();
    const write = `${url}/api/v2/write`;
    const status = async (path: string, authorization?: string): Promise<number> => {
      const headers = authorization === undefined ? {} : { authorization };
      const { statusCode, body } = await request(`${url}${path}`, { headers });
      await body.dump();
      return statusCode;
    };

    expect((await post(write, "", {})).status).toBe(401);
    expect((await post(write, "", { authorization: "Token wrong-wrong-wrong-wrong" })).status).toBe(401);
    expect((await post(write, "", { authorization: `Bearer ${token}` })).status).toBe(403);
    expect(await status("/health")).toBe(200);
    expect(await status("/health", `Token ${pushToken}`)).toBe(200);
    expect(await status("/health", "Token wrong-wrong-wrong-wrong")).toBe(401);
    for (const path of ["/api/v1/guests", "/api/v1/me", "/metrics"]) {
      expect(await status(path, `Token ${pushToken}`), path).toBe(403);
    }
  });

  it("says what is wrong with a push, in one sentence", { timeout: 60_000 }, async () => {
    const { url } = await aPushedService();
    const write = `${url}/api/v2/write`;
    await takesPushes(url);

    const partly = await post(write, "system,object=nodes,host=pve1 uptime=1\n", asInflux);
    expect(partly.status).toBe(400);
    expect(JSON.parse(partly.text)).toMatchObject({
      type: "urn:pilothouse:problem:partial-write",
      detail: "Line 1: the time is missing. 1 of 1 could not be read, the others are taken.",
    });
    expect((await post(`${write}?precision=h`, "", asInflux)).status).toBe(400);
    expect((await post(write, "x", { ...asInflux, "content-encoding": "br" })).status).toBe(415);
    expect(
      (await post(write, gzipSync(Buffer.alloc(65 * 2 ** 20)), { ...asInflux, "content-encoding": "gzip" })).status,
    ).toBe(413);
    expect(await announce(write, 33 * 2 ** 20)).toMatch(/^HTTP\/1.1 413 /);
    const protobuf = { ...asOtlp, "content-type": "application/x-protobuf" };
    expect((await post(`${url}/v1/metrics`, gzipSync("x"), protobuf)).status).toBe(415);
    expect((await post(`${url}/v1/metrics`, gzipSync("x"), asOtlp)).status).toBe(400);
    const unreadable = { name: "proxmox_node_uptime", gauge: { dataPoints: [{ timeUnixNano: "soon" }] } };
    const payload = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [unreadable] }] }] });
    expect(JSON.parse((await post(`${url}/v1/metrics`, gzipSync(payload), asOtlp)).text)).toMatchObject({
      partialSuccess: { rejectedDataPoints: 1 },
    });
  });
});
