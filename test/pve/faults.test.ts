// What a server can do wrong, and what the client makes of it: one clear error of the right class, and no crash.
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  clusterResources,
  metricsExport,
  type PveAnswer,
  PveAnswerError,
  PveAuthError,
  PveCancelledError,
  type PveCluster,
  type PveGet,
  type PveOptions,
  PvePermissionError,
  PveRefusedError,
  PveUnreachableError,
  version,
} from "../../src/pve/index.ts";
import { aClient, asIs, failureOf, pin, tokenId, tokenSecret } from "./client.ts";
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

let certificate: Certificate;
const open: (PveCluster | TestServer)[] = [];

beforeAll(async () => {
  certificate = await makeCertificate();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function setUp(
  handler: Handler,
  options: Partial<PveOptions> = {},
): Promise<{ pve: PveCluster; server: TestServer }> {
  const server = await startServer(certificate, handler);
  const pve = aClient({ endpoints: [server.url], trust: pin(certificate), ...options });
  open.push(server, pve);
  return { pve, server };
}

const get = (pve: PveCluster, spec: Partial<PveGet<unknown>> = {}): Promise<PveAnswer<unknown>> =>
  pve.get({ path: "/version", ...asIs, ...spec });

const send =
  (status: number, reason: string, body: string | Buffer, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, reason, { "content-type": "application/json;charset=UTF-8", ...headers });
    response.end(body);
  };

describe("a request", () => {
  it("carries the token, asks for gzip and writes parameters as PVE wants them", async () => {
    const { pve, server } = await setUp((_, response) => sendJson(response, []));

    await get(pve, {
      path: "/cluster/resources",
      query: { type: "vm", full: true, off: false, n: 5, none: undefined },
    });

    const [seen] = server.seen;
    expect(seen?.url).toBe("/api2/json/cluster/resources?type=vm&full=1&off=0&n=5");
    expect(seen?.headers.authorization).toBe(`PVEAPIToken=${tokenId}=${tokenSecret}`);
    expect(seen?.headers["accept-encoding"]).toBe("gzip");
    expect(seen?.headers["transfer-encoding"]).toBeUndefined();
  });

  it("that starts something has a form body with Content-Length and is never repeated", async () => {
    const upid = "UPID:pve1:0000ABCD:00112233:65000000:qmstart:100:root@pam:";
    const { pve, server } = await setUp((_, response) => sendJson(response, upid));

    const started = await pve.post({
      path: "/nodes/pve1/qemu/100/status/start",
      body: { name: "größe & more", force: true },
    });
    server.handler = (_, __, socket) => socket.destroy();
    const failed = await failureOf(pve.post({ path: "/nodes/pve1/qemu/100/status/stop" }));

    expect(started.data).toBe(upid);
    expect(server.seen).toHaveLength(2);
    expect(server.seen[0]?.body).toBe("name=gr%C3%B6%C3%9Fe+%26+more&force=1");
    expect(server.seen[0]?.headers["content-length"]).toBe(String(server.seen[0]?.body.length));
    expect(server.seen[1]?.headers["content-length"]).toBe("0");
    expect(failed).toBeInstanceOf(PveUnreachableError);
    expect(failed.message).toContain("not known");
  });

  it("reports itself before it goes out", async () => {
    const emitted: unknown[] = [];
    const { pve } = await setUp((_, response) => sendJson(response, { data: [] }), {
      onRequest: (request) => emitted.push(request),
    });
    await metricsExport(pve, { history: true, localOnly: false, nodeList: ["pve1", "pve2"], startTime: 5.7 });

    const query = { history: "1", "node-list": "pve1,pve2", "start-time": "5" };
    expect(emitted).toEqual([{ method: "GET", path: "/cluster/metrics/export", query, body: {} }]);
  });
});

describe("an answer", () => {
  it("is inflated, and both sizes are told", async () => {
    const data = JSON.stringify({ data: Array.from({ length: 500 }, (_, vmid) => ({ vmid, name: "Büro" })) });
    const { pve } = await setUp(send(200, "OK", gzipSync(data), { "content-encoding": "gzip" }));

    const answer = await get(pve);

    expect(answer.bodyBytes).toBe(Buffer.byteLength(data));
    expect(answer.receivedBytes).toBeLessThan(answer.bodyBytes / 5);
    expect(answer.data).toHaveLength(500);
  });

  it("may come in chunks cut anywhere, also within a letter", async () => {
    const bytes = Buffer.from(JSON.stringify({ data: "größe 東京" }));
    const { pve } = await setUp((_, response) => {
      response.writeHead(200, "OK", { "content-type": "application/json" });
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    });

    await expect(get(pve)).resolves.toMatchObject({ data: "größe 東京" });
  });

  it.each([
    ["an HTML page", "<!DOCTYPE html><html><head><title>Sign in</title></head></html>", 'HTML page ("Sign in")'],
    ["JSON that was cut off", '{"data":[{"vmid":100,"na', "cut off after 24 bytes"],
    ["NaN", '{"data":{"cpu":NaN}}', "NaN"],
    ["nothing", "", "empty body"],
    ["something else", "Welcome to nginx", "not JSON"],
    ["JSON of another kind", "[1,2]", "JSON without data"],
    ["no data member", '{"success":1}', "JSON without data"],
  ])("that is %s is a PveAnswerError that says what was seen", async (_, body, seen) => {
    const { pve, server } = await setUp(send(200, "OK", body));

    const error = await failureOf(get(pve));

    expect(error).toBeInstanceOf(PveAnswerError);
    expect(error.message).toContain(seen);
    expect(error.message).toContain(server.url);
    expect(server.seen).toHaveLength(1);
  });

  it("with data of another shape is a PveAnswerError", async () => {
    const { pve } = await setUp((_, response) => sendJson(response, null));

    const error = await failureOf(clusterResources(pve));

    expect(error).toBeInstanceOf(PveAnswerError);
    expect(error.message).toContain("expected a list, got null");
  });

  it.each([
    ["50 MB of plain JSON", 50e6, false],
    ["a gzip bomb", 200e6, true],
  ])("of %s is cut off at the limit", async (_, size, zipped) => {
    const body = Buffer.alloc(size, "7");
    const { pve } = await setUp(
      send(200, "OK", zipped ? gzipSync(body) : body, zipped ? { "content-encoding": "gzip" } : {}),
    );

    const before = process.memoryUsage().rss;
    const error = await failureOf(get(pve));

    expect(error).toBeInstanceOf(PveAnswerError);
    expect(error.message).toContain("32 MiB");
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });

  it("in broken or cut gzip is a PveAnswerError", async () => {
    const zipped = gzipSync(JSON.stringify({ data: "x".repeat(5000) }));
    const { pve, server } = await setUp(send(200, "OK", zipped.subarray(0, 30), { "content-encoding": "gzip" }));
    const cut = await failureOf(get(pve));
    server.handler = send(200, "OK", "not gzip", { "content-encoding": "gzip" });
    const broken = await failureOf(get(pve));

    expect([cut, broken].map((error) => error.constructor)).toEqual([PveAnswerError, PveAnswerError]);
    expect(cut.message).toContain("cut off");
    expect(broken.message).toContain("broken gzip");
  });
});

describe("a refusal", () => {
  it("has PVE's own words from the status line", async () => {
    const { pve } = await setUp(send(500, "VM is locked (backup)", '{"data":null}'));

    const error = await failureOf(get(pve));

    expect(error).toBeInstanceOf(PveRefusedError);
    expect(error).toMatchObject({ text: "VM is locked (backup)", isMissing: false, retryable: false, pveStatus: 500 });
  });

  it("has the body's message and the complaint about each parameter", async () => {
    const body = '{"data":null,"message":"Parameter verification failed.\\n","errors":{"vmid":"type check failed"}}';
    const { pve } = await setUp(send(400, "Bad Request", body));

    const error = await failureOf(get(pve));

    expect(error).toMatchObject({ text: "Parameter verification failed.; vmid: type check failed" });
  });

  it("of what does not exist is recognisable", async () => {
    const said = "Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist";
    const { pve } = await setUp(send(500, said, '{"data":null}'));

    expect(await failureOf(get(pve))).toMatchObject({ isMissing: true });
  });

  it("by 403 names privilege and path", async () => {
    const { pve, server } = await setUp(
      send(403, "Permission check failed (/vms/101, VM.Audit|VM.Monitor)", '{"data":null}'),
    );

    const error = await failureOf(get(pve));

    expect(error).toBeInstanceOf(PvePermissionError);
    expect(error).toMatchObject({ privilege: "VM.Audit|VM.Monitor", objectPath: "/vms/101", exitCode: 77 });
    expect(error.message).toContain("VM.Audit|VM.Monitor on /vms/101");
    expect(server.seen).toHaveLength(1);
  });

  it("never shows the token's secret", async () => {
    const { pve } = await setUp(send(401, "authentication failure", '{"data":null}'));
    const error = await failureOf(get(pve));

    expect(`${error.message}${String(error.stack)}${JSON.stringify(error)}`).not.toContain(tokenSecret);
  });
});

describe("a refused token", () => {
  it("is tried once a minute, and everything else fails at once with the same error", async () => {
    const clock = new ManualClock();
    const { pve, server } = await setUp(send(401, "authentication failure", '{"data":null}'), { clock });

    const first = await failureOf(get(pve));
    const others = await Promise.all(Array.from({ length: 5 }, () => failureOf(get(pve))));
    expect(first).toBeInstanceOf(PveAuthError);
    expect(first.message).toContain("refused the token");
    expect(others.every((error) => error === first)).toBe(true);
    expect(server.seen).toHaveLength(1);

    await clock.advance(60_000);
    await Promise.all(Array.from({ length: 5 }, () => failureOf(get(pve))));
    expect(server.seen).toHaveLength(2);

    server.handler = (_, response) => sendJson(response, { version: "9.2.1" });
    await clock.advance(60_000);
    await expect(get(pve)).resolves.toMatchObject({ status: 200 });
    await expect(get(pve)).resolves.toMatchObject({ status: 200 });
  });
});

describe("trouble that may pass", () => {
  it.each([
    ["500 got timeout", send(500, "got timeout", '{"data":null}')],
    ["503", send(503, "Service Unavailable", "<html>busy</html>")],
    ["429", send(429, "Too Many Requests", "")],
    ["a connection that is cut", (_, __, socket) => socket.destroy()],
    [
      "an answer that is cut",
      (_, response, socket) => {
        response.writeHead(200, { "content-length": "1000", "content-type": "application/json" });
        response.write('{"data":');
        setTimeout(() => socket.destroy(), 5);
      },
    ],
  ])("(%s) is tried twice more and then told", async (_, handler) => {
    const { pve, server } = await setUp(handler);

    const error = await failureOf(get(pve));

    expect(error).toMatchObject({ retryable: true });
    expect(server.seen).toHaveLength(3);
    expect(pve.stats()).toMatchObject({ requests: 3, failedRequests: 3, retries: 2 });
  });

  it("is no trouble when a kept connection was closed between two calls", async () => {
    const { pve, server } = await setUp((_, response, socket) => {
      sendJson(response, "fine");
      setImmediate(() => socket.destroy());
    });

    for (let call = 0; call < 20; call++) await expect(get(pve)).resolves.toMatchObject({ data: "fine" });
    expect(server.connections()).toBeGreaterThan(10);
  });

  it("is over when a repetition succeeds", async () => {
    const { pve, server } = await setUp((_, __, socket) => {
      server.handler = (____, response) => sendJson(response, { version: "9.2.11", release: "9.2" });
      socket.destroy();
    });

    await expect(version(pve)).resolves.toMatchObject({ data: { version: "9.2.11", release: "9.2" } });
  });
});

describe("silence", () => {
  it("ends at the timeout, and the server is not asked again within the same call", async () => {
    const { pve, server } = await setUp(() => undefined);

    const error = await failureOf(get(pve, { timeoutMs: 150 }));

    expect(error).toBeInstanceOf(PveUnreachableError);
    expect(error.message).toContain("within 0.15 s");
    expect(server.seen).toHaveLength(1);
  });

  it("in the middle of an answer ends at the timeout, too", async () => {
    const { pve } = await setUp((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"data":[');
    });

    const error = await failureOf(get(pve, { timeoutMs: 150 }));

    expect(error).toBeInstanceOf(PveUnreachableError);
    expect(error.message).toContain("within 0.15 s");
  });

  it("ends when the caller gives up, and that blames nobody", async () => {
    const { pve } = await setUp(() => undefined);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);

    expect(await failureOf(get(pve, { signal: stop.signal }))).toBeInstanceOf(PveCancelledError);
    expect(pve.endpoints()).toMatchObject([{ breaker: "closed", lastError: null }]);
  });

  it("ends when the client is closed, and nothing can be asked after", async () => {
    const { pve } = await setUp(() => undefined);
    const asked = failureOf(get(pve));
    setTimeout(() => void pve.close(), 20);

    expect(await asked).toBeInstanceOf(PveCancelledError);
    expect(await failureOf(get(pve))).toBeInstanceOf(PveCancelledError);
  });
});

describe("nobody there", () => {
  it("is said in one sentence with the remedy", async () => {
    const url = await deadUrl();
    const pve = aClient({ endpoints: [url], trust: pin(certificate) });
    open.push(pve);

    const error = await failureOf(get(pve));

    expect(error).toBeInstanceOf(PveUnreachableError);
    expect(error.message).toBe(
      `${url} cannot be reached: it refused the connection; check the port, and that pveproxy runs there.`,
    );
  });

  it("is said for a name that does not exist", async () => {
    const pve = aClient({ endpoints: ["https://pve.invalid:8006"], trust: pin(certificate) });
    open.push(pve);

    expect((await failureOf(get(pve))).message).toContain("its name has no address");
  });
});
