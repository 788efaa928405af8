// A small HTTPS server with real TLS for the client's tests: it answers what a test tells it to and remembers what it saw.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import { generate } from "selfsigned";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateOptions {
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly notAfter?: Date;
  readonly ca?: Certificate;
}

export async function makeCertificate(options: CertificateOptions = {}): Promise<Certificate> {
  const { names = ["localhost"], addresses = ["127.0.0.1"], notAfter, ca } = options;
  const made = await generate([{ name: "commonName", value: names[0] ?? "pve" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 10 * 86_400_000),
    notAfterDate: notAfter ?? new Date(Date.now() + 86_400_000),
    extensions: [
      {
        name: "subjectAltName",
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          ...addresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
    ...(ca === undefined ? {} : { ca }),
  });
  return { key: made.private, cert: made.cert };
}

export async function makeAuthority(): Promise<Certificate> {
  const made = await generate([{ name: "commonName", value: "PVE Cluster CA" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true },
    ],
  });
  return { key: made.private, cert: made.cert };
}

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Handler = (request: SeenRequest, response: ServerResponse, socket: Socket) => void;

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenRequest[];
  /** TLS connections that were completed. */
  readonly connections: () => number;
  handler: Handler;
  close(): Promise<void>;
}

export const sendJson = (
  response: ServerResponse,
  data: unknown,
  status = 200,
  reason = "OK",
  more: object = {},
): void => {
  response.writeHead(status, reason, { "content-type": "application/json;charset=UTF-8" });
  response.end(JSON.stringify({ data, ...more }));
};

export async function startServer(
  certificate: Certificate,
  handler: Handler,
  {
    host = "127.0.0.1",
    port: wanted = 0,
    tls = {},
  }: { readonly host?: string; readonly port?: number; readonly tls?: SecureContextOptions } = {},
): Promise<TestServer> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer({ ...certificate, ...tls }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const seen = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      running.seen.push(seen);
      running.handler(seen, response, request.socket);
    });
  });
  server.on("secureConnection", () => connections++);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(wanted, host, resolve));
  const { port } = server.address() as AddressInfo;
  const running: TestServer = {
    url: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    seen: [],
    connections: () => connections,
    handler,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return running;
}

/** A port on which nothing listens. */
export async function deadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `https://127.0.0.1:${port}`;
}
