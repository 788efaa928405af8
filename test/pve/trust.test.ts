// Whom the client trusts: nothing may reach a server that has not proven itself.
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ConfigError } from "../../src/lib/errors.ts";
import { Secret } from "../../src/lib/secret.ts";
import {
  type PveCluster,
  type PveOptions,
  PveTrustError,
  PveUnreachableError,
  probeCertificate,
} from "../../src/pve/index.ts";
import { aClient, asIs, failureOf, fingerprintOf, pin, tokenId, tokenSecret, wrongPin } from "./client.ts";
import {
  type Certificate,
  deadUrl,
  makeAuthority,
  makeCertificate,
  sendJson,
  startServer,
  type TestServer,
} from "./https-server.ts";

let certificate: Certificate;
let server: TestServer;
const open: (PveCluster | TestServer)[] = [];

beforeAll(async () => {
  certificate = await makeCertificate();
  server = await serve(certificate);
});
afterAll(() => Promise.all(open.map((one) => one.close())));

async function serve(shown: Certificate, options?: Parameters<typeof startServer>[2]): Promise<TestServer> {
  const started = await startServer(shown, (_, response) => sendJson(response, { version: "9.2.11" }), options);
  open.push(started);
  return started;
}

function client(endpoint: string, trust: PveOptions["trust"]): PveCluster {
  const made = aClient({ endpoints: [endpoint], trust });
  open.push(made);
  return made;
}

const ask = (pve: PveCluster): Promise<unknown> => pve.get({ path: "/version", ...asIs });

async function expectDistrust(
  target: TestServer,
  trust: PveOptions["trust"],
  endpoint = target.url,
): Promise<PveTrustError> {
  const before = target.seen.length;
  const error = await failureOf(ask(client(endpoint, trust)));
  if (!(error instanceof PveTrustError)) throw error;
  expect(target.seen.length).toBe(before);
  return error;
}

describe("a pinned fingerprint", () => {
  it("lets the right certificate through, with or without colons", async () => {
    await expect(ask(client(server.url, pin(certificate)))).resolves.toMatchObject({ data: { version: "9.2.11" } });
    const bare = fingerprintOf(certificate).replaceAll(":", "").toLowerCase();
    await expect(ask(client(server.url, { kind: "pin", sha256: bare }))).resolves.toMatchObject({ status: 200 });
  });

  it("refuses another certificate before any request, and names both fingerprints", async () => {
    const error = await expectDistrust(server, wrongPin);

    expect(error.message).toContain(fingerprintOf(certificate));
    expect(error.got).toBe(fingerprintOf(certificate));
    expect(error.expected).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(error.retryable).toBe(false);
    expect(error.message).not.toContain(tokenSecret);
  });

  it("refuses a changed certificate again and again", async () => {
    const pve = client(server.url, wrongPin);
    const before = server.seen.length;

    for (let round = 0; round < 5; round++) expect(await failureOf(ask(pve))).toBeInstanceOf(PveTrustError);

    expect(server.seen.length).toBe(before);
  });

  it("refuses an expired certificate even when it is the pinned one", async () => {
    const expired = await makeCertificate({ notAfter: new Date(Date.now() - 3_600_000) });
    const error = await expectDistrust(await serve(expired), pin(expired));

    expect(error.message).toContain("expired");
  });

  it("must be a SHA-256 fingerprint", () => {
    expect(() => client(server.url, { kind: "pin", sha256: "AA:BB" })).toThrow(ConfigError);
  });
});

describe("a certificate authority", () => {
  it("vouches for the name or address in the certificate", async () => {
    const ca = await makeAuthority();
    const signed = await makeCertificate({ ca });
    const target = await serve(signed);
    const trust = { kind: "ca", pem: ca.cert } as const;

    await expect(ask(client(target.url, trust))).resolves.toMatchObject({ status: 200 });
    await expect(ask(client(`https://localhost:${target.port}`, trust))).resolves.toMatchObject({ status: 200 });
  });

  it("does not vouch for another name, an expired certificate, or one that somebody else signed", async () => {
    const ca = await makeAuthority();
    const trust = { kind: "ca", pem: ca.cert } as const;
    const elsewhere = await makeCertificate({ ca, names: ["pve9.example"], addresses: ["192.0.2.9"] });
    const expired = await makeCertificate({ ca, notAfter: new Date(Date.now() - 3_600_000) });

    expect((await expectDistrust(await serve(elsewhere), trust)).message).toContain("another name");
    expect((await expectDistrust(await serve(expired), trust)).message).toContain("expired");
    const error = await expectDistrust(server, trust);
    expect(error.got).toBe(fingerprintOf(certificate));
    expect(error.message).toContain("CA file");
  });

  it("is asked whatever NODE_TLS_REJECT_UNAUTHORIZED says", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    await expectDistrust(server, { kind: "ca", pem: (await makeAuthority()).cert });
    vi.unstubAllEnvs();
  });

  it("of the system does not know a self-signed certificate", async () => {
    await expectDistrust(server, { kind: "system" });
  });
});

describe("the connection", () => {
  it("is refused below TLS 1.2", async () => {
    const old = await serve(certificate, {
      tls: { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" },
    });

    const error = await expectDistrust(old, pin(certificate));

    expect(error.message).toContain("TLS 1.2");
  });

  it("says so when the other side does not speak TLS at all", async () => {
    const plain = await import("node:http").then(({ createServer }) => createServer().listen(0, "127.0.0.1"));
    await new Promise((resolve) => plain.once("listening", resolve));
    const { port } = plain.address() as { port: number };

    const error = await failureOf(ask(client(`https://127.0.0.1:${port}`, pin(certificate))));
    plain.close();

    expect(error).toBeInstanceOf(PveUnreachableError);
    expect(error.message).toContain("does not speak TLS");
  });

  it("works over IPv6", async () => {
    if (!(await hasIpv6())) return;
    const six = await serve(certificate, { host: "::1" });

    await expect(ask(client(six.url, pin(certificate)))).resolves.toMatchObject({ endpoint: six.url });
  });
});

describe("probeCertificate", () => {
  it("tells what a server shows and sends no request", async () => {
    const before = server.seen.length;

    const shown = await probeCertificate(server.url);

    expect(shown).toMatchObject({ sha256: fingerprintOf(certificate), subject: "CN=localhost", systemTrusted: false });
    expect(Date.parse(shown.notAfter)).toBeGreaterThan(Date.now());
    expect(server.seen.length).toBe(before);
  });

  it("says what is no endpoint, and what nobody answers at", async () => {
    expect(await failureOf(probeCertificate("pve1"))).toBeInstanceOf(ConfigError);
    expect(await failureOf(probeCertificate("http://pve1:8006"))).toBeInstanceOf(ConfigError);
    expect(await failureOf(probeCertificate(await deadUrl()))).toBeInstanceOf(PveUnreachableError);
  });
});

describe("the configuration", () => {
  it("is refused when it cannot be right, without showing the secret", () => {
    const made = (endpoints: string[], token = { id: tokenId, secret: new Secret("x") }) => {
      return () => aClient({ endpoints, trust: wrongPin, token });
    };

    expect(made([])).toThrow("at least one endpoint");
    expect(made(["pve1:8006"])).toThrow('"pve1:8006" is no endpoint: write https://<node>:8006.');
    expect(made(["http://pve1:8006"])).toThrow("is no endpoint");
    expect(made(["https://pve1:8006"], { id: "root@pam", secret: new Secret("x") })).toThrow("user@realm!name");
    expect(made(["https://pve1:8006"], { id: tokenId, secret: new Secret("two\nlines") })).toThrow(
      "The token's secret is empty or has characters that no secret of PVE has.",
    );
    expect(made(["https://pve1:8006/#v1:0:18"])().endpoints()).toMatchObject([{ url: "https://pve1:8006" }]);
  });
});

const hasIpv6 = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(9, "::1");
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
    socket.on("connect", () => resolve(true));
  });
