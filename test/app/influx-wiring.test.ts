// The whole service with an InfluxDB behind it, which is also read: real polls of a simulated cluster, a real influxd.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { EventFeed } from "../../src/app/event-feed.ts";
import { startService } from "../../src/app.ts";
import { loadConfig } from "../../src/config/index.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import type { NewEvent } from "../../src/model/event.ts";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { InfluxServer } from "../../src/store/drivers/influx/influx-server.ts";
import { openState, openStore } from "../../src/store/index.ts";
import { cli } from "../cli/run-in-process.ts";
import { freshOptions, influxd, runningInflux } from "../store/influx/influx-under-test.ts";
import { temporaryDirectory } from "../temporary-directory.ts";

const timeout = 60_000;

describe.skipIf(influxd === undefined)("the service with an InfluxDB", () => {
  const url = runningInflux();
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await startSimulator({ nodes: 2, guests: 6, unauthorizedDelayMs: 0 });
  });
  afterAll(async () => simulator.close());

  const configure = (bucket: string, dataDir: string): string => {
    const file = join(temporaryDirectory(), "pilothouse.yaml");
    writeFileSync(
      file,
      `data_dir: ${dataDir}
clusters:
  - id: lab
    endpoints: [${simulator.url}]
    token: { id: "${simulator.tokenId}", secret: ${simulator.tokenSecret} }
    trust: { fingerprint: "${simulator.fingerprint}" }
    poll_period: 5s
    history: { import: false }
server: { port: 0 }
store: { reader: influx }
sinks:
  - { id: influx, url: "${url()}", bucket: ${bucket}, shape: both }
`,
    );
    chmodSync(file, 0o600);
    return file;
  };
  const load = (file: string) => loadConfig({ file, env: {}, cwd: "/", needsClusters: true });
  const asks = (bucket: string) => {
    const server = new InfluxServer(freshOptions(url(), { bucket }));
    onTestFinished(async () => server.close());
    return server;
  };

  it("writes every guest with its node and type, in both shapes, and doctor finds all well", {
    timeout: 120_000,
  }, async () => {
    const bucket = "wired";
    const file = configure(bucket, temporaryDirectory());
    const { settings } = load(file);
    const options = {
      demo: null,
      config: null,
      version: "0.0.0",
      log: silentLog,
      recentLog: () => [],
      clock: systemClock,
    };
    const service = await startService({ settings, ...options });
    onTestFinished(async () => service.close("the test is over"));
    const server = asks(bucket);
    const series = async (): Promise<readonly string[]> =>
      (await server.query("SHOW SERIES FROM pve_guest").catch(() => [])).flatMap(({ values }) => values.map(String));

    await expect.poll(series, { timeout }).not.toEqual([]);
    await expect
      .poll(async () => (await server.query("SHOW MEASUREMENTS")).flatMap(({ values }) => values.flat()), { timeout })
      .toEqual(expect.arrayContaining(["pve_node", "pve_guest", "pve_storage", "pve_target", "cpustat", "system"]));
    for (const each of await series())
      expect(each).toMatch(/^pve_guest,cluster=lab,generation=1,node=\S+,type=(qemu|lxc),vmid=\d+$/);
    const shapes = (await server.query("SHOW SERIES FROM system")).flatMap(({ values }) => values.map(String));
    expect(shapes).toContainEqual(
      expect.stringMatching(/^system,cluster=lab,host=\S+,nodename=\S+,object=(qemu|lxc),vmid=/),
    );
    const { exitCode, stdout } = await cli(["doctor", "--config", file]);
    expect(`${exitCode} ${stdout}`).toMatch(/OK +sinks +influx: InfluxDB 1\.6\.7\S* takes points into wired/);
  });

  it("gives every event to the sink once, however often it is asked to, and goes on after a restart", async () => {
    const dataDir = temporaryDirectory();
    const bucket = "events";
    const state = await openState({ path: join(dataDir, "state.db"), clock: systemClock });
    onTestFinished(async () => state.close());
    const problems = { raise: () => undefined, clear: () => undefined };
    const sinks = [{ name: "influx", kind: "influx", options: { url: url(), bucket } }];
    const store = await openStore({ dataDir, log: silentLog, problems, sinks });
    onTestFinished(async () => store.close());
    const feed = (): EventFeed =>
      new EventFeed({ dataDir, sinks: ["influx"], events: state.events, feed: store.sinkFeed });
    // Two tasks of a guest that began in the same second.
    await state.events.add([anEvent("a", "qmstart"), anEvent("b", "vzdump")]);

    expect(await feed().run()).toBe("Gave 2 events to 1 sinks.");
    expect(await feed().run()).toBe("Gave 0 events to 1 sinks.");
    await state.events.add([anEvent("c", 'quote " and \\ and, comma')]);
    expect(await feed().run()).toBe("Gave 1 events to 1 sinks.");

    const [found, ...others] = await asks(bucket).query('SELECT kind, state, "user", text FROM pve_event GROUP BY *');
    expect(others).toEqual([]);
    expect(found?.tags).toEqual({
      cluster: "lab",
      node: "pve1",
      vmid: "100",
      generation: "1",
      type: "task",
    });
    expect(found?.values.map(([, kind]) => kind).sort()).toEqual(["qmstart", 'quote " and \\ and, comma', "vzdump"]);
  });
});

const anEvent = (key: string, type: string): NewEvent => ({
  eventKey: key,
  at: Date.now() - 60_000 - (Date.now() % 1000),
  endedAt: Date.now(),
  topic: "task",
  type,
  cluster: "lab",
  subject: "lab/guest/100~1",
  node: "pve1",
  user: "root@pam",
  state: "ok",
  text: "100",
});
