// Which endpoint is asked: failover, stickiness, the breaker, and members that the cluster tells us of.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  metricsExport,
  type PveCluster,
  type PveOptions,
  PveOverloadedError,
  PveTrustError,
  PveUnreachableError,
} from "../../src/pve/index.ts";
import { aClient, asIs, failureOf, fingerprintOf, learnMembers, pin } from "./client.ts";
import {
  type Certificate,
  deadUrl,
  type Handler,
  makeCertificate,
  sendJson,
  startServer,
  type TestServer,
} from "./https-server.ts";
import { ManualClock } from "./manual-clock.ts";

let one: Certificate;
let two: Certificate;
const open: (PveCluster | TestServer)[] = [];

beforeAll(async () => {
  one = await makeCertificate({ names: ["pve1"] });
  two = await makeCertificate({ names: ["pve2"], addresses: ["127.0.0.2"] });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const fine: Handler = (_, response) => sendJson(response, "fine");
const cut: Handler = (_, __, socket) => socket.destroy();

async function serve(certificate: Certificate, handler: Handler, host = "127.0.0.1"): Promise<TestServer> {
  const server = await startServer(certificate, handler, { host });
  open.push(server);
  return server;
}

function client(options: Partial<PveOptions> & Pick<PveOptions, "endpoints">): PveCluster {
  const pve = aClient({ trust: pin(one), ...options });
  open.push(pve);
  return pve;
}

const get = (pve: PveCluster, more: { node?: string; direct?: boolean } = {}) =>
  pve.get({ path: "/version", ...asIs, ...more });

describe("several endpoints", () => {
  it("answer for each other within one call, and the one that helped is kept for five minutes", async () => {
    const clock = new ManualClock();
    const [first, second] = [await serve(one, cut), await serve(one, fine)];
    const pve = client({ endpoints: [first.url, second.url], clock });

    expect((await whileTimePasses(clock, get(pve))).endpoint).toBe(second.url);
    expect(first.seen).toHaveLength(1);

    first.handler = fine;
    await get(pve);
    await clock.advance(200_000);
    await get(pve);
    expect(first.seen).toHaveLength(1);

    await clock.advance(101_000);
    expect((await get(pve)).endpoint).toBe(first.url);
  });

  it("are all tried when nobody listens at most of them", async () => {
    const last = await serve(one, fine);
    const dead = await Promise.all([1, 2, 3, 4].map(() => deadUrl()));
    const pve = client({ endpoints: [...dead, last.url] });

    await expect(get(pve)).resolves.toMatchObject({ endpoint: last.url });
  });

  it("of other nodes are proven by what a trusted one says of them, but the pinned one only by its pin", async () => {
    const handler: Handler = ({ url }, response) => {
      if (url.endsWith("/nodes")) sendJson(response, nodeList(fingerprintOf(two)));
      else sendJson(response, url.endsWith("/status") ? [] : "fine");
    };
    const first = await serve(one, handler);
    const second = await serve(two, handler, "127.0.0.2");
    const pve = client({ endpoints: [first.url, second.url] });
    await learnMembers(pve);
    await first.close();

    await expect(get(pve)).resolves.toMatchObject({ endpoint: second.url });

    const renewed = client({ endpoints: [second.url] });
    renewed.learnFingerprints([{ name: "pve1", sha256: fingerprintOf(one) }]);
    renewed.learnFingerprints([{ name: "pve1", sha256: fingerprintOf(two) }]);
    expect(await failureOf(get(renewed))).toBeInstanceOf(PveTrustError);
  });

  it("do not answer instead when the first one shows a wrong certificate", async () => {
    const wrong = await serve(two, fine);
    const right = await serve(one, fine);
    const pve = client({ endpoints: [wrong.url, right.url] });

    expect(await failureOf(get(pve))).toBeInstanceOf(PveTrustError);
    expect(wrong.seen).toHaveLength(0);
  });
});

describe("the breaker", () => {
  it("leaves a dead endpoint alone after three failed calls, tries once after 30 s, and recovers at once", async () => {
    const clock = new ManualClock();
    const server = await serve(one, cut);
    const pve = client({ endpoints: [server.url], clock });
    const failing = (): Promise<Error> => whileTimePasses(clock, failureOf(get(pve)));

    for (let call = 0; call < 3; call++) expect(await failing()).toBeInstanceOf(PveUnreachableError);
    expect(pve.endpoints()[0]?.breaker).toBe("open");
    const seen = server.seen.length;
    const refused = await failureOf(get(pve));
    expect(refused.message).toMatch(/not asked for another \d+ s/);
    expect(server.seen).toHaveLength(seen);

    await clock.advance(30_000);
    expect(pve.endpoints()[0]?.breaker).toBe("half-open");
    await Promise.all(Array.from({ length: 4 }, failing));
    expect(server.seen).toHaveLength(seen + 1);

    server.handler = fine;
    await clock.advance(30_000);
    await expect(get(pve)).resolves.toMatchObject({ data: "fine" });
    expect(pve.endpoints()).toMatchObject([{ breaker: "closed", lastError: null }]);
  });
});

describe("calls that wait behind a dead endpoint", () => {
  it("are not sent any more once it is known to be dead", async () => {
    const server = await serve(one, () => undefined);
    const pve = client({
      endpoints: [server.url],
      limits: { inFlightPerNode: 1, timeoutMs: 60, requestsPerSecond: 1000 },
    });

    const errors = await Promise.all(Array.from({ length: 8 }, () => failureOf(get(pve))));

    expect(errors.every((error) => error instanceof PveUnreachableError || error instanceof PveOverloadedError)).toBe(
      true,
    );
    expect(server.seen.length).toBeLessThanOrEqual(3);
  });
});

/** Lets the pauses between repetitions pass. */
async function whileTimePasses<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  const ticking = setInterval(() => void clock.advance(200), 2);
  try {
    return await promise;
  } finally {
    clearInterval(ticking);
  }
}

/** Two nodes on one port, as a real cluster has them: pve1 on 127.0.0.1, pve2 on 127.0.0.2. */
async function aCluster(
  options: { secondHandler?: Handler; fingerprint?: string } = {},
): Promise<{ first: TestServer; second: TestServer; pve: PveCluster }> {
  const answer =
    (local: string): Handler =>
    ({ url }, response) => {
      if (url.endsWith("/cluster/status")) sendJson(response, status(local));
      else if (url.endsWith("/nodes")) sendJson(response, nodeList(options.fingerprint ?? fingerprintOf(two)));
      else if (url.includes("/metrics/export")) {
        sendJson(response, {
          data: [{ id: `node/${local}`, metric: "uptime", timestamp: 1, type: "gauge", value: 1 }],
        });
      } else sendJson(response, `from ${local}`);
    };
  const first = await serve(one, answer("pve1"));
  const second = await startServer(two, options.secondHandler ?? answer("pve2"), {
    host: "127.0.0.2",
    port: first.port,
  });
  open.push(second);
  return { first, second, pve: client({ endpoints: [first.url] }) };
}

const status = (local: string): object[] => [
  { type: "cluster", name: "lab", quorate: 1, nodes: 2 },
  { type: "node", name: "pve1", ip: "127.0.0.1", online: 1, local: local === "pve1" ? 1 : 0 },
  { type: "node", name: "pve2", ip: "127.0.0.2", online: 1, local: local === "pve2" ? 1 : 0 },
];
const nodeList = (fingerprint: string): object[] => [
  { node: "pve1", status: "online", ssl_fingerprint: fingerprintOf(one) },
  { node: "pve2", status: "online", ssl_fingerprint: fingerprint },
];

describe("learned members", () => {
  it("are asked at their own address once their certificate is known from a trusted one", async () => {
    const { first, second, pve } = await aCluster();

    expect((await get(pve, { node: "pve2" })).endpoint).toBe(first.url);
    const learned = await learnMembers(pve);
    expect(learned.cluster).toEqual({ name: "lab", quorate: true });
    expect(pve.endpoints()).toMatchObject([
      { url: first.url, node: "pve1", configured: true },
      { url: second.url, node: "pve2", configured: false },
    ]);

    await expect(get(pve, { node: "pve2" })).resolves.toMatchObject({
      endpoint: second.url,
      node: "pve2",
      data: "from pve2",
    });
    await expect(get(pve, { node: "pve1" })).resolves.toMatchObject({ endpoint: first.url, node: "pve1" });
    const exported = await metricsExport(pve, { node: "pve2", history: true, localOnly: true });
    expect(exported.data.ids).toEqual(["node/pve2"]);
  });

  it("without known certificate are asked through a trusted endpoint", async () => {
    const { first, second, pve } = await aCluster();
    pve.learn([{ name: "pve2", address: "127.0.0.2", online: true }]);

    expect(pve.reaches("pve2")).toBe("forwarded");
    expect((await get(pve, { node: "pve2" })).endpoint).toBe(first.url);
    expect(second.connections()).toBe(0);
    const error = await failureOf(metricsExport(pve, { node: "pve2", history: true, localOnly: true }));
    expect(error).toBeInstanceOf(PveUnreachableError);
    expect(error.message).toContain("no trusted address");
  });

  it("with a changed certificate are refused before any request", async () => {
    const { second, pve } = await aCluster({ fingerprint: fingerprintOf(one) });
    await learnMembers(pve);

    expect(await failureOf(get(pve, { node: "pve2" }))).toBeInstanceOf(PveTrustError);
    expect(await failureOf(get(pve, { node: "pve2" }))).toBeInstanceOf(PveTrustError);
    expect(second.seen).toHaveLength(0);

    pve.learnFingerprints([{ name: "pve2", sha256: fingerprintOf(two) }]);
    await expect(get(pve, { node: "pve2" })).resolves.toMatchObject({ node: "pve2" });
  });

  it("whose address cannot be reached from here are asked through another, but never for its own data", async () => {
    const { first, second, pve } = await aCluster();
    await learnMembers(pve);
    await second.close();

    expect((await get(pve, { node: "pve2" })).endpoint).toBe(first.url);
    expect(pve.reaches("pve2")).toBe("forwarded");
    const error = await failureOf(metricsExport(pve, { node: "pve2", history: true, localOnly: true }));
    expect(error).toBeInstanceOf(PveUnreachableError);

    pve.learn([{ name: "pve2", address: "127.0.0.2", online: false }]);
    pve.learn([{ name: "pve2", address: "127.0.0.2", online: true }]);
    expect(pve.reaches("pve2")).toBe("direct");
  });

  it("answer when the only configured endpoint is gone", async () => {
    const { first, second, pve } = await aCluster();
    await learnMembers(pve);
    await first.close();

    await expect(get(pve)).resolves.toMatchObject({ endpoint: second.url, node: "pve2" });
  });

  it("are forgotten when the cluster no longer lists them", async () => {
    const { pve } = await aCluster();
    await learnMembers(pve);

    pve.learn([{ name: "pve1", address: "127.0.0.1", online: true }]);

    expect(pve.endpoints().map(({ node }) => node)).toEqual(["pve1"]);
  });

  it("have IPv6 addresses, and an address that is none is passed over", () => {
    const pve = client({ endpoints: ["https://pve1.example:8006"] });
    pve.learn([
      { name: "pve1", address: "2001:db8::1", online: true },
      { name: "pve2", address: "a b/c@d", online: true },
      { name: "pve3", address: null, online: true },
    ]);

    expect(pve.endpoints().map(({ url }) => url)).toEqual(["https://pve1.example:8006", "https://[2001:db8::1]:8006"]);
  });
});

describe("a configured address that several nodes answer at", () => {
  it("is never taken for one of them", async () => {
    const { first, pve } = await aCluster();
    const member = (name: string) => [{ name, address: null, online: true, local: true }];
    pve.learn(member("pve1"), first.url);
    pve.learn(member("pve2"), first.url);
    pve.learn(member("pve1"), first.url);

    expect(pve.endpoints()[0]?.node).toBeNull();
  });
});

describe("a node that the others cannot reach", () => {
  it("is asked at most twice more, and after three failed calls not at all for a while", async () => {
    const dead: Handler = (_, response) => {
      response.writeHead(595, "No route to host", { "content-type": "application/json" });
      response.end('{"data":null}');
    };
    const server = await serve(one, dead);
    const pve = client({ endpoints: [server.url] });

    for (let call = 0; call < 3; call++) {
      const error = await failureOf(get(pve, { node: "pve9" }));
      expect(error).toMatchObject({ stage: "forward", pveStatus: 595 });
    }
    // Three tries each, but the third call's first failure already opens the breaker.
    expect(server.seen).toHaveLength(7);
    expect((await failureOf(get(pve, { node: "pve9" }))).message).toContain("pve9 is not asked for another 30 s");
    expect(server.seen).toHaveLength(7);

    server.handler = fine;
    await expect(get(pve)).resolves.toMatchObject({ data: "fine" });
    expect(pve.endpoints()[0]?.breaker).toBe("closed");
  });
});
