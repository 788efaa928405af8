// Stands before a real influxd as other servers would: it signs in, names errors and makes buckets as InfluxDB 2 and 3 do
// (by their documentation; there is no such binary here), and it fails in every way that servers and networks fail in.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/**
 * refuses: 503 · busy: 429 with Retry-After · hangs: no answer · resets: the connection ends amid the body · loses-ack: the
 * rows are stored, the answer is not · forgets: 204, and nothing was stored · partial: 201, and nothing was stored
 */
export type FrontFault =
  | "none"
  | "refuses"
  | "busy"
  | "hangs"
  | "resets"
  | "loses-ack"
  | "forgets"
  | "partial"
  | "redirects";

export interface FrontOptions {
  readonly behind: string;
  readonly edition: "1" | "2" | "3";
  readonly token?: string;
  readonly org?: string;
  /** Buckets that are there; more can be made by the API when `maysMake`. */
  readonly buckets?: readonly string[];
  readonly mayMake?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface Front {
  readonly url: string;
  fault: FrontFault;
  /** What was asked, `POST /api/v2/write`, in order. */
  readonly asked: string[];
  /** Bodies of writes that were stored, in order. */
  readonly stored: string[];
  readonly tables: ReadonlyMap<string, readonly string[]>;
  readonly tokens: Set<string>;
}

export async function startFront(options: FrontOptions): Promise<Front> {
  const state = new FrontState(options);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    void state.answer(request, response);
  };
  const server = options.tls === undefined ? createServer(answer) : createTlsServer(options.tls, answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  state.url = `http${options.tls === undefined ? "" : "s"}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return state;
}

class FrontState implements Front {
  url = "";
  fault: FrontFault = "none";
  readonly asked: string[] = [];
  readonly stored: string[] = [];
  readonly tables = new Map<string, readonly string[]>();
  readonly tokens: Set<string>;
  readonly #options: FrontOptions;
  readonly #buckets: Set<string>;

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#buckets = new Set(options.buckets ?? []);
    this.tokens = new Set(options.token === undefined ? [] : [options.token]);
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://front");
    this.asked.push(`${request.method} ${pathname}`);
    const isWrite = /write$/.test(pathname);
    if (this.fault === "hangs") return;
    if (this.fault === "resets") {
      request.once("data", () => request.destroy());
      if (!isWrite) request.destroy();
      return;
    }
    const body = await textOf(request);
    if (this.fault === "refuses") {
      send(response, 503, { error: "timeout" });
      return;
    }
    if (this.fault === "busy") {
      send(response, 429, { message: "too many requests" }, { "retry-after": "2" });
      return;
    }
    if (this.fault === "redirects") {
      send(response, 302, {}, { location: "http://169.254.169.254/latest" });
      return;
    }
    if (isWrite && this.fault === "forgets") {
      send(response, 204);
      return;
    }
    if (isWrite && this.fault === "partial") {
      send(response, 201, { error: "partial write has occurred" });
      return;
    }
    const { edition } = this.#options;
    const isOpen = edition === "2" && (pathname === "/ping" || pathname === "/health");
    if (!isOpen && !this.#isSignedIn(request)) {
      send(response, 401, unauthorised[edition]);
      return;
    }
    if (pathname === "/ping") {
      send(response, edition === "3" ? 200 : 204, pong(edition), versionHeaders[edition]);
      return;
    }
    if (pathname === "/health") {
      send(response, 200, { name: "influxdb", status: "pass", version: "v2.7.11" });
      return;
    }
    if (isWrite) return this.#write(response, pathname, searchParams, body);
    if (pathname === "/query") return this.#forward(response, "/query", request.headers["content-type"] ?? "", body);
    await this.#manage(response, request.method ?? "", pathname, searchParams, body);
  }

  #isSignedIn({ headers }: IncomingMessage): boolean {
    const [, token] = /^(?:Token|Bearer) (.+)$/.exec(headers.authorization ?? "") ?? [];
    return this.tokens.size === 0 || (token !== undefined && this.tokens.has(token));
  }

  async #write(response: ServerResponse, path: string, parameters: URLSearchParams, body: string): Promise<void> {
    const { edition, org = "" } = this.#options;
    if (edition === "1") return this.#keep(response, `${path}?${parameters.toString()}`, body);
    const bucket = parameters.get("bucket") ?? "";
    if (edition === "2" && parameters.get("org") !== org) {
      send(response, 404, {
        code: "not found",
        message: `organization name "${parameters.get("org")}" not found`,
      });
      return;
    }
    if (!this.#buckets.has(bucket)) {
      send(response, 404, { code: "not found", message: `bucket "${bucket}" not found` });
      return;
    }
    const foreign = edition === "3" ? this.#foreignTag(body) : undefined;
    if (foreign !== undefined) {
      send(response, 400, { error: `partial write: tag ${foreign} cannot be added` });
      return;
    }
    return this.#keep(response, `/write?db=${bucket}&precision=${parameters.get("precision")}`, body);
  }

  /** In 3 the tags of a table are those that it was made with. */
  #foreignTag(body: string): string | undefined {
    for (const line of body.split("\n")) {
      const [table = "", ...tags] = (/^(?:\\.|[^ ])+/.exec(line)?.[0] ?? "").split(",");
      const names = tags.map((tag) => tag.split("=")[0] ?? "");
      const known = this.tables.get(table);
      if (known === undefined) this.tables.set(table, names);
      else for (const name of names) if (!known.includes(name)) return name;
    }
    return undefined;
  }

  async #keep(response: ServerResponse, path: string, body: string): Promise<void> {
    const answer = await fetch(this.#options.behind + path, { method: "POST", body });
    const text = await answer.text();
    if (answer.ok) this.stored.push(body);
    if (this.fault === "loses-ack") response.destroy();
    else send(response, answer.status, text === "" ? undefined : JSON.parse(text));
  }

  async #forward(response: ServerResponse, path: string, type: string, body: string): Promise<void> {
    const answer = await fetch(this.#options.behind + path, {
      method: "POST",
      body,
      headers: { "content-type": type },
    });
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  }

  async #manage(
    response: ServerResponse,
    method: string,
    path: string,
    parameters: URLSearchParams,
    body: string,
  ): Promise<void> {
    const { org = "", mayMake = true } = this.#options;
    const asked = body === "" ? {} : (JSON.parse(body) as Record<string, unknown>);
    const db = String(asked["name"] ?? asked["db"]);
    if (path === "/api/v2/orgs") {
      const orgs = parameters.get("org") === org ? [{ id: "0000000000000001", name: org }] : [];
      send(response, 200, { orgs });
    } else if (!mayMake) {
      send(response, 403, { code: "forbidden", message: "insufficient permissions" });
    } else if (method === "POST" && (path === "/api/v2/buckets" || path === "/api/v3/configure/database")) {
      this.#buckets.add(db);
      await fetch(`${this.#options.behind}/query?q=CREATE+DATABASE+${db}`, { method: "POST" });
      send(response, 201, { name: db });
    } else if (path === "/api/v3/configure/table") this.#makeTable(response, db, asked);
    else send(response, 404, { error: "not found" });
  }

  #makeTable(response: ServerResponse, db: string, asked: Readonly<Record<string, unknown>>): void {
    const table = String(asked["table"]);
    if (!this.#buckets.has(db)) send(response, 404, { error: "database not found" });
    else if (this.tables.has(table)) send(response, 409, { error: "table already exists" });
    else {
      this.tables.set(table, asked["tags"] as string[]);
      send(response, 200, {});
    }
  }
}

const unauthorised = {
  "1": { error: "authorization failed" },
  "2": { code: "unauthorized", message: "unauthorized access" },
  "3": { error: "the request was not authenticated" },
} as const;

const versionHeaders = {
  "1": { "x-influxdb-version": "1.8.10", "x-influxdb-build": "OSS" },
  "2": { "x-influxdb-version": "v2.7.11", "x-influxdb-build": "OSS" },
  "3": { "x-influxdb-version": "3.5.0", "x-influxdb-build": "Core" },
} as const;

const pong = (edition: "1" | "2" | "3"): object | undefined =>
  edition === "3" ? { version: "3.5.0", revision: "abc", process_id: "1" } : undefined;

function send(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}
