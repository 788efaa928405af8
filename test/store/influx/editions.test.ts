// What differs between InfluxDB 1, 2 and 3 and VictoriaMetrics, and what is made of their refusals.
import { describe, expect, it, onTestFinished } from "vitest";
import { SinkError } from "../../../src/lib/errors.ts";
import { makeCertificate } from "../../../src/simulator/certificate.ts";
import { commandsFor } from "../../../src/store/drivers/influx/bucket-setup.ts";
import type { InfluxOptions } from "../../../src/store/drivers/influx/influx-options.ts";
import { InfluxServer } from "../../../src/store/drivers/influx/influx-server.ts";
import type { InfluxSink } from "../../../src/store/drivers/influx/influx-sink.ts";
import { aBatch, aRow, samples, t0 } from "../build.ts";
import { sinkContract } from "../sink-contract.ts";
import { type Front, type FrontOptions, startFront } from "./influx-front.ts";
import {
  cpuInInflux,
  freshOptions,
  influxd,
  influxSink,
  influxUnderTest,
  runningInflux,
  runningVictoria,
  victoriaMetrics,
} from "./influx-under-test.ts";

const { signal } = new AbortController();
const token = "a-token";

const thrown = async (work: Promise<unknown>): Promise<SinkError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SinkError);
  return error as SinkError;
};

function opened(options: InfluxOptions): InfluxSink {
  const sink = influxSink(options);
  onTestFinished(async () => sink.close());
  return sink;
}

describe.skipIf(influxd === undefined)("editions", () => {
  const url = runningInflux();
  const front = async (options: Partial<FrontOptions> = {}): Promise<Front> =>
    startFront({ behind: url(), edition: "2", token, org: "ops", ...options });
  const to = ({ url: address }: Front, other: Partial<InfluxOptions> = {}): InfluxOptions =>
    freshOptions(address, { token, org: "ops", ...other });

  sinkContract("influx 2", { repeatsBy: "row" }, async () => influxUnderTest(to(await front())));
  sinkContract("influx 3", { repeatsBy: "row" }, async () => influxUnderTest(to(await front({ edition: "3" }))));

  it("are told apart by what the server says", async () => {
    const identity = async (options: InfluxOptions) => {
      const server = new InfluxServer(options);
      onTestFinished(async () => server.close());
      return server.identity();
    };

    expect(await identity(freshOptions(url()))).toMatchObject({ edition: "1", build: "OSS" });
    expect(await identity(to(await front()))).toMatchObject({ edition: "2", version: "2.7.11" });
    expect(await identity(to(await front({ edition: "3" })))).toMatchObject({ edition: "3", build: "Core" });
    expect(await identity(freshOptions("http://127.0.0.1:1", { edition: "victoria-metrics" }))).toMatchObject({
      edition: "victoria-metrics",
    });
  });

  it("2 makes a missing bucket, and says the commands where the account may not", async () => {
    const server = await front();
    await opened(to(server)).write(aBatch(samples(3)), signal);
    expect(server.asked).toContain("POST /api/v2/buckets");
    expect(server.stored).toHaveLength(1);

    const strict = await front({ mayMake: false });
    const error = await thrown(
      opened(to(strict, { bucket: "metrics", retentionS: 7200 })).write(
        aBatch(samples(3, Date.now() - 60_000)),
        signal,
      ),
    );
    expect(error.refusal).toBe("person");
    expect(error.message).toContain("influx bucket create --name metrics --org ops --retention 2h");
  });

  it("3 gets its tables with every tag before the first point, so that a later tag is no surprise", async () => {
    const server = await front({ edition: "3" });
    const sink = opened(to(server));
    // A shared storage has no node: made by this point, the table would never take one.
    await sink.write(aBatch([aRow({ id: "demo/storage/@nfs", node: null, values: { used_bytes: 1 } })]), signal);
    await sink.write(aBatch([aRow({ id: "demo/storage/pve1:local", values: { used_bytes: 2 } })]), signal);

    expect(server.tables.get("pve_storage")).toEqual(["cluster", "node", "storage", "type"]);
    expect(server.tables.get("pve_event")).toContain("vmid");
    expect(server.stored).toHaveLength(2);
  });

  it("1 makes its database with the retention that is configured, and takes user and password", async () => {
    const options = freshOptions(url(), { user: "u", password: "p", retentionS: 400 * 86_400 });
    await opened(options).write(aBatch([aRow({ ts: Date.now() - 3_600_000 })]), signal);

    const server = new InfluxServer(options);
    onTestFinished(async () => server.close());
    const [policies] = await server.query(`SHOW RETENTION POLICIES ON "${options.bucket}"`);
    expect(policies?.values[0]?.[1]).toBe("9600h0m0s");
  });

  it("name the commands of each", () => {
    const wish = { bucket: "a b", org: "ops", retentionS: 86_400 };

    expect(commandsFor("1", wish)[0]).toContain('CREATE DATABASE "a b" WITH DURATION 24h');
    expect(commandsFor("2", wish)[0]).toBe("influx bucket create --name 'a b' --org ops --retention 24h");
    expect(commandsFor("3", wish).join("\n")).toContain("--tags cluster,node,vmid,generation,type pve_guest");
  });

  describe("what a refusal means", () => {
    it.each([
      ["refuses", "passing", "503"],
      ["busy", "passing", "429"],
      ["resets", "passing", "cannot be reached"],
      ["loses-ack", "passing", "cannot be reached"],
      ["partial", "malformed", "partial write"],
      ["redirects", "person", "302"],
    ] as const)("%s: %s", async (fault, refusal, words) => {
      const server = await front();
      const sink = opened(to(server));
      await sink.write(aBatch(samples(1)), signal);
      server.fault = fault;

      const error = await thrown(sink.write(aBatch(samples(3)), signal));

      expect(error.refusal).toBe(refusal);
      expect(error.message).toContain(words);
      expect(error.retryAfterMs).toBe(fault === "busy" ? 2_000 : 0);
      server.fault = "none";
      await sink.write(aBatch(samples(3)), signal);
    });

    it("a wrong token and a wrong organisation wait for a person, and go on when it is mended", async () => {
      const server = await front();
      const sink = opened(to(server, { token: "wrong" }));
      const error = await thrown(sink.write(aBatch(samples(1)), signal));
      expect([error.refusal, error.message]).toEqual(["person", expect.stringContaining("check its token")]);
      expect(error.message).not.toContain("wrong");

      server.tokens.add("wrong");
      await sink.write(aBatch(samples(1)), signal);
      const elsewhere = await thrown(opened(to(server, { org: "dev" })).write(aBatch(samples(1)), signal));
      expect([elsewhere.refusal, elsewhere.message]).toEqual(["person", expect.stringContaining("dev")]);
    });

    it("a server that hangs is cut off by the signal, and the next write has a connection of its own", async () => {
      const server = await front();
      const sink = opened(to(server));
      await sink.write(aBatch(samples(1)), signal);
      server.fault = "hangs";
      const giveUp = new AbortController();
      const hanging = thrown(sink.write(aBatch(samples(2)), giveUp.signal));
      await expect
        .poll(() => server.asked.filter((each) => each.endsWith("write")).length, { timeout: 10_000 })
        .toBe(3);
      giveUp.abort();

      expect((await hanging).refusal).toBe("passing");
      server.fault = "none";
      await sink.write(aBatch(samples(2)), signal);
    });

    it("nobody at the address is a passing trouble, and a certificate that is not believed a person's", async () => {
      const { keyPem: key, pem: cert } = await makeCertificate(["127.0.0.1"]);
      const server = await front({ tls: { key, cert } });
      const refused = await thrown(opened(to(server)).write(aBatch(samples(1)), signal));
      expect([refused.refusal, refused.message]).toEqual(["person", expect.stringContaining("give ca_file")]);
      expect(server.asked).toEqual([]);
      const sink = opened(to(server, { ca: cert }));
      await sink.write(aBatch(samples(1)), signal);
      expect(await sink.verify(aBatch(samples(1)), signal)).toBe(true);

      const nobody = await thrown(opened(freshOptions("http://127.0.0.1:1")).write(aBatch(samples(1)), signal));
      expect(nobody.refusal).toBe("passing");
      expect(nobody.message).toContain("ECONNREFUSED");
    });

    it("an unknown server says how it answered, and what to set", async () => {
      const server = await front({ edition: "1" });
      server.fault = "redirects";
      const error = await thrown(opened(to(server)).write(aBatch(samples(1)), signal));

      expect(error.message).toContain("set edition to 1, 2, 3 or victoria-metrics");
    });
  });

  it("keep a base path in front of every address", async () => {
    const server = await front();
    const sink = opened(to(server, { url: `${server.url}/insert/0/influx`, edition: "2", create: false }));
    await thrown(sink.write(aBatch(samples(1)), signal));

    expect(server.asked.at(-1)).toBe("POST /insert/0/influx/api/v2/write");
  });

  it("read what they wrote through the same front", async () => {
    const server = await front();
    const options = to(server);
    await opened(options).write(aBatch(samples(4)), signal);

    expect(await cpuInInflux(options, "demo/guest/100~1")).toEqual([0, 1, 2, 3].map((i) => [t0 + i * 10_000, i]));
  });
});

describe.skipIf(victoriaMetrics === undefined)("VictoriaMetrics", () => {
  const url = runningVictoria();

  it("is known by what it answers, and gets its lines by /api/v2/write", async () => {
    const server = new InfluxServer(freshOptions(url()));
    onTestFinished(async () => server.close());

    expect((await server.identity()).edition).toBe("victoria-metrics");
  });

  it("takes no events, which it could not keep", async () => {
    const sink = opened(freshOptions(url()));

    await expect(sink.writeEvents([], signal)).resolves.toBeUndefined();
  });
});
