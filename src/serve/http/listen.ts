// Makes the HTTP or HTTPS server and opens its port, with a sentence for each way in which that can fail.
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createSecureContext } from "node:tls";
import type { FastifyServerFactory } from "fastify";
import { ConfigError, ListenError } from "../../lib/errors.ts";
import type { App } from "../context.ts";
import type { ServeLimits, ServeSettings } from "../settings.ts";

/** Throws a ConfigError when certificate or key cannot be used. */
export function serverFactory(tls: ServeSettings["tls"], limits: ServeLimits): FastifyServerFactory {
  const common = {
    maxHeaderSize: limits.headerBytes,
    keepAliveTimeout: 65_000,
    headersTimeout: 20_000,
    requestTimeout: 60_000,
  };
  if (tls === null) return (handler) => createHttpServer(common, handler);
  const files = readTlsFiles(tls);
  return (handler) => createHttpsServer({ ...common, ...files, minVersion: "TLSv1.2" }, handler);
}

function readTlsFiles({ certFile, keyFile }: NonNullable<ServeSettings["tls"]>): {
  readonly cert: Buffer;
  readonly key: Buffer;
} {
  const files = { cert: readFile("certificate", certFile), key: readFile("key", keyFile) };
  try {
    createSecureContext(files);
    return files;
  } catch (cause) {
    throw new ConfigError(
      `The certificate ${certFile} and the key ${keyFile} cannot be used together; both must be PEM and belong to each other.`,
      { cause },
    );
  }
}

function readFile(what: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ConfigError(`The TLS ${what} ${path} cannot be read; check the path and who may read it.`, { cause });
  }
}

/** Resolves to the port that was opened. Throws a ListenError. */
export async function listenOn(app: App, { host, port }: Pick<ServeSettings, "host" | "port">): Promise<number> {
  try {
    // One socket: "localhost" would open two, and the stream listens on one.
    await app.listen({ host: host === "localhost" ? "127.0.0.1" : host, port });
  } catch (error) {
    throw listenError(error, host, port);
  }
  return (app.server.address() as AddressInfo).port;
}

function listenError(error: unknown, host: string, port: number): ListenError {
  const code = (error as { readonly code?: string }).code ?? "";
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is in use by another program; stop it or choose another with --port.`,
    EACCES: `Port ${port} on ${host} may not be opened by this user; choose one above 1023 with --port.`,
    EADDRNOTAVAIL: `This machine has no address ${host}; choose one that it has, or 127.0.0.1.`,
    ENOTFOUND: `The name ${host} is not known; listen on an address that this machine has, or 127.0.0.1.`,
  };
  return new ListenError(sentences[code] ?? `Port ${port} on ${host} cannot be opened (${code}).`, { cause: error });
}
