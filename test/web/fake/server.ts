// A behaving fake of Pilothouse's HTTP and stream contract for tests of the page: real HTTP, real WebSockets, the real
// security headers, a fleet that changes, and faults on demand.
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import type { FleetItem, ProblemItem, TaskItem } from "../../../src/web/fleet/item.ts";
import { fakeAnomalies, fakeWatch } from "./anomalies.ts";
import { answerPlan } from "./capacity.ts";
import { answerCosts } from "./costs.ts";
import { factLists, fakeEvents, fakeFacts } from "./facts.ts";
import { type Fleet, type FleetShape, makeFleet } from "./fleet.ts";
import { answerForecast } from "./forecasts.ts";
import { fakeComparison, fakeGrowth } from "./growth.ts";
import { answerSeries } from "./series.ts";

export interface Faults {
  /** Every answer of /api/v1 waits so long. */
  delayMs: number;
  /** These paths (beginning after /api/v1) answer 500. */
  failing: readonly string[];
  /** The stream refuses connections. */
  streamDown: boolean;
  /** Nobody is signed in and anonymous reading is off. */
  locked: boolean;
  /** The stream accepts but sends nothing. */
  mute: boolean;
  /** No rates are entered. */
  unpriced: boolean;
}

export interface FakeServer {
  readonly url: string;
  readonly fleet: Fleet;
  readonly faults: Faults;
  /** Requests seen, method and path with query. */
  readonly requests: readonly string[];
  /** Replaces the fleet and tells every reader. */
  reshape(shape: FleetShape): void;
  /** Changes fields of an item and sends the delta. */
  change(
    id: string,
    change: { readonly values?: Readonly<Record<string, number | null>>; readonly [field: string]: unknown },
  ): void;
  setTasks(tasks: readonly TaskItem[]): void;
  setProblems(problems: readonly ProblemItem[]): void;
  /** Sends a delta of this topic with a hole before it in the numbering. */
  skipFrame(): void;
  /** Cuts every open stream. */
  cutStreams(): void;
  close(): Promise<void>;
}

const csp =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const contentTypes: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
};

export async function startFakeServer(
  webDir: string,
  shape: FleetShape = { nodes: 6, guests: 120 },
  basePath = "/",
): Promise<FakeServer> {
  const fleet = makeFleet(shape);
  const faults: Faults = { delayMs: 0, failing: [], streamDown: false, locked: false, mute: false, unpriced: false };
  const requests: string[] = [];
  const seqs = new Map<string, number>();
  const epoch = "epoch-1";
  const streams = new Map<WebSocket, Set<string>>();

  const send = (response: ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json" });
    response.end(JSON.stringify(body));
  };
  const problem = (response: ServerResponse, status: number, detail: string): void =>
    send(response, status, { type: "about:blank", title: "Problem", status, detail });

  const listOf = (kind: string): readonly object[] | undefined => {
    const kinds: Readonly<Record<string, string>> = {
      clusters: "cluster",
      nodes: "node",
      guests: "guest",
      storages: "storage",
    };
    if (kind === "tasks") return fleet.tasks;
    if (kind === "problems") return fleet.problems;
    const answer = fleet.answers[`/${kind}`];
    if (answer !== undefined || kind === "findings" || kind === "analyses") return answer ?? [];
    if (kind === "anomalies") return fakeAnomalies(fleet.items, Date.now());
    if (kind === "anomaly-watch") return fakeWatch;
    return kinds[kind] === undefined ? undefined : fleet.items.filter((item) => item.kind === kinds[kind]);
  };

  const about = (): object => ({
    version: "0.1.0",
    demo: true,
    simulated: true,
    poll_period_seconds: 10,
    base_path: basePath,
    auth: { anonymous_read: !faults.locked, setup_needed: faults.locked },
  });

  const signIn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === "DELETE") {
      faults.locked = true;
      response.writeHead(204).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { password } = JSON.parse(Buffer.concat(chunks).toString()) as { password: string };
    if (!password.startsWith("right")) {
      problem(response, 401, "the name or the password is wrong");
      return;
    }
    faults.locked = false;
    send(response, 200, {});
  };

  /** What-if: the answers of analysis itself; what is saved is in the list from then on. */
  const planned = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as object);
    send(response, 200, answerPlan(fleet, { method: request.method ?? "", path, body }));
  };

  const answerApi = async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    query: URLSearchParams,
  ): Promise<void> => {
    if (faults.delayMs > 0) await new Promise((done) => setTimeout(done, faults.delayMs));
    if (faults.failing.some((failing) => path.startsWith(failing))) problem(response, 500, "the store does not answer");
    else if (path === "/about") send(response, 200, about());
    else if (path === "/session" || path === "/setup") await signIn(request, response);
    else if (faults.locked) problem(response, 401, "log in first");
    else if (path.startsWith("/scenarios") && request.method !== "GET") await planned(request, response, path);
    else answerReader(response, path, query);
  };

  const answerReader = (response: ServerResponse, path: string, query: URLSearchParams): void => {
    const list = listOf(path.slice(1));
    const id = path.startsWith("/entities/") ? decodeURIComponent(path.slice("/entities/".length)) : "";
    const item = fleet.items.find((known) => known.id === id);
    if (path === "/me")
      send(response, 200, {
        id: "anonymous",
        kind: "system",
        name: "anonymous",
        role: fleet.role,
        scope: {},
        permissions: [],
      });
    else if (path === "/events") send(response, 200, { items: fakeEvents(query), next: null });
    else if (/^\/entities\/.+\/facts$/.test(path)) send(response, 200, { facts: fakeFacts(path) });
    else if (factLists.has(path.slice(1))) send(response, 200, { items: [], next: null });
    else if (path === "/growth") send(response, 200, fakeGrowth(query, fleet.items));
    else if (path === "/compare") send(response, 200, fakeComparison(query, fleet.items));
    else if (path === "/forecasts/series") send(response, 200, answerForecast(query, Date.now()));
    else if (path === "/costs") {
      const answered = answerCosts(query, !faults.unpriced);
      answered.then(
        (answer) => send(response, 200, answer),
        (error: unknown) => problem(response, 400, String(error)),
      );
    } else if (path === "/series") send(response, 200, answerSeries(query, Date.now()));
    else if (list !== undefined) send(response, 200, { items: list, next: null });
    else if (item !== undefined) send(response, 200, item);
    else problem(response, 404, `there is no ${path}`);
  };

  const answerPage = async (response: ServerResponse, path: string): Promise<void> => {
    const asset = path.startsWith("/assets/");
    const file = join(webDir, asset ? path : "index.html");
    try {
      const contents = (await readFile(file, "utf8")).replaceAll('"/assets/', `"${basePath}assets/`);
      response.writeHead(200, {
        "content-type": contentTypes[extname(file)] ?? "text/plain",
        "content-security-policy": csp,
        "cache-control": asset ? "max-age=31536000, immutable" : "no-cache",
      });
      response.end(contents);
    } catch {
      response.writeHead(404).end();
    }
  };

  const http = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://fake");
    requests.push(`${request.method ?? ""} ${url.pathname}${url.search}`);
    const path = `/${url.pathname.slice(basePath.length)}`;
    void (path.startsWith("/api/v1/")
      ? answerApi(request, response, path.slice("/api/v1".length), url.searchParams)
      : answerPage(response, path));
  });

  const snapshotOf = (topic: string): object => ({
    items:
      topic === "fleet"
        ? fleet.items
        : topic === "tasks"
          ? fleet.tasks
          : topic === "problems"
            ? fleet.problems
            : (fleet.answers[`/${topic}`] ?? []),
  });
  const frameText = (topic: string, type: string, data: object): string =>
    JSON.stringify({ topic, epoch, seq: seqs.get(topic) ?? 1, type, data });
  const publish = (topic: string, type: "delta" | "snapshot", data: object, step = 1): void => {
    seqs.set(topic, (seqs.get(topic) ?? 1) + step);
    const text = frameText(topic, type, data);
    for (const [socket, topics] of streams) if (topics.has(topic) && !faults.mute) socket.send(text);
  };

  const sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    if (faults.streamDown || faults.locked) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (stream) => {
      const topics = new Set<string>();
      streams.set(stream, topics);
      stream.on("close", () => streams.delete(stream));
      stream.on("message", (raw: Buffer) => {
        const message = JSON.parse(raw.toString()) as { op: string; topic?: string };
        if (faults.mute) return;
        if (message.op === "ping") stream.send('{"op":"pong"}');
        if (message.topic === undefined) return;
        if (message.op === "unsubscribe") topics.delete(message.topic);
        if (message.op !== "subscribe") return;
        topics.add(message.topic);
        stream.send(frameText(message.topic, "snapshot", snapshotOf(message.topic)));
      });
    });
  });

  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const { port } = http.address() as AddressInfo;

  const change: FakeServer["change"] = (id, changed) => {
    const at = new Date().toISOString();
    fleet.items = fleet.items.map((item) =>
      item.id === id
        ? ({ ...item, ...changed, values: { ...item.values, ...changed.values }, values_at: at } as FleetItem)
        : item,
    );
    publish("fleet", "delta", { changed: [{ id, values_at: at, ...changed }], removed: [] });
  };

  return {
    url: `http://127.0.0.1:${port}${basePath}`,
    fleet,
    faults,
    requests,
    reshape: (next) => {
      Object.assign(fleet, makeFleet(next));
      publish("fleet", "snapshot", snapshotOf("fleet"));
      publish("tasks", "snapshot", snapshotOf("tasks"));
    },
    change,
    setTasks: (tasks) => {
      fleet.tasks = [...tasks];
      publish("tasks", "delta", { changed: tasks });
    },
    setProblems: (problems) => {
      fleet.problems = [...problems];
      publish("problems", "snapshot", snapshotOf("problems"));
    },
    skipFrame: () => publish("fleet", "delta", { changed: [], removed: [] }, 2),
    cutStreams: () => {
      for (const stream of streams.keys()) stream.terminate();
    },
    close: async () => {
      for (const stream of streams.keys()) stream.terminate();
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
  };
}
