// A server over a small fleet of two clusters, with real accounts, a clock that a test sets, and a token for each role.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type Log, silentLog } from "../../src/lib/log.ts";
import { Secret } from "../../src/lib/secret.ts";
import { FactBook } from "../../src/live/fact-book.ts";
import { Fleet } from "../../src/live/fleet.ts";
import { everything, type Role, type Scope } from "../../src/model/access.ts";
import type { ServeDeps } from "../../src/serve/context.ts";
import { createServer, type Server } from "../../src/serve/server.ts";
import type { ServeSettings } from "../../src/serve/settings.ts";
import { openState, type State } from "../../src/store/state/index.ts";
import { noAnalysis } from "./no-analysis.ts";
import { fillFleet } from "./small-fleet.ts";
import { waveStore } from "./wave-store.ts";

export const start = Date.UTC(2026, 0, 5, 12);

export interface SetClock {
  now(): number;
  monotonic(): number;
  sleep(): Promise<void>;
  advance(ms: number): void;
}

/** `now` stands still until a test moves it; `monotonic` runs, because timers do. */
export function setClock(): SetClock {
  let now = start;
  return {
    now: () => now,
    monotonic: () => performance.now() + now - start,
    sleep: () => Promise.resolve(),
    advance: (ms) => {
      now += ms;
    },
  };
}

export const settings: ServeSettings = {
  host: "127.0.0.1",
  port: 0,
  tls: null,
  publicUrl: null,
  basePath: "",
  trustedProxies: [],
  allowedHosts: [],
  demo: false,
  anonymousLoopbackRead: false,
  limits: { requestsPerMinute: 1_000_000, upgradesPerMinute: 1_000_000 },
};

export interface TestServer extends Omit<Server, "close"> {
  readonly close: () => Promise<void>;
  readonly fleet: Fleet;
  readonly book: FactBook;
  readonly state: State;
  readonly clock: SetClock;
  /** A new token's Authorization header. */
  readonly token: (role: Role, scope?: Partial<Scope>) => Promise<{ readonly authorization: string }>;
  /** Signs a new user in; the Cookie header. */
  readonly cookie: (role: Role, name?: string) => Promise<{ readonly cookie: string }>;
}

export interface TestServerOptions {
  readonly settings?: Partial<ServeSettings>;
  readonly deps?: Partial<ServeDeps>;
  readonly log?: Log;
}

const undo: (() => Promise<void> | void)[] = [];

afterAll(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

export function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pilothouse-serve-"));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const password = "correct horse battery";

export async function aServer(options: TestServerOptions = {}): Promise<TestServer> {
  const clock = setClock();
  const fleet = new Fleet(clock);
  fillFleet(fleet, start);
  const book = new FactBook();
  const state = await openState({ path: join(aFolder(), "state.db"), clock });
  undo.push(() => state.close());
  const server = await createServer({
    fleet,
    store: waveStore(),
    state,
    facts: book,
    history: state.facts,
    events: state.events,
    findings: state.findings,
    analysis: noAnalysis,
    push: { clusterOf: () => undefined, take: () => Promise.reject(new Error("nobody has a push token here")) },
    settings: { ...settings, ...options.settings, limits: { ...settings.limits, ...options.settings?.limits } },
    clock,
    log: options.log ?? silentLog,
    version: "0.1.0-test",
    readiness: () => [],
    sinkStates: () => [{ name: "duckdb", state: "ok" }],
    metricsText: async () => "pilothouse_test_extra 1\n",
    webRoot: join(tmpdir(), "pilothouse-no-such-page"),
    ...options.deps,
  });
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await server.close();
    open = false;
  };
  undo.push(close);
  return {
    ...server,
    close,
    fleet,
    book,
    state,
    clock,
    async token(role, scope = {}) {
      const { secret } = await state.tokens.create({
        name: role,
        role,
        scope: { ...everything, ...scope },
        createdBy: null,
        expiresAt: null,
      });
      return { authorization: `Bearer ${secret.reveal()}` };
    },
    async cookie(role, name = role) {
      const user = await state.users.create({ name, password: new Secret(password), role, scope: everything });
      if (user === undefined) throw new Error(`there is a user ${name} already`);
      const { secret } = await state.sessions.create(user.id);
      return { cookie: `pilothouse=${secret.reveal()}` };
    },
  };
}

/** A problem+json body, after the checks that every one must pass. */
export function problemIn(response: {
  readonly headers: Record<string, unknown>;
  readonly body: string;
  readonly statusCode: number;
}) {
  const type = String(response.headers["content-type"]);
  if (!type.startsWith("application/problem+json"))
    throw new Error(`${response.statusCode} came as ${type}: ${response.body}`);
  const problem = JSON.parse(response.body) as {
    type: string;
    title: string;
    status: number;
    detail: string;
    instance: string;
    request_id: string;
    errors?: { pointer: string; message: string }[];
    reasons?: string[];
  };
  for (const field of ["type", "title", "detail", "instance", "request_id"] as const) {
    if (typeof problem[field] !== "string" || problem[field] === "") throw new Error(`no ${field} in ${response.body}`);
  }
  if (problem.status !== response.statusCode) throw new Error(`status ${problem.status} in a ${response.statusCode}`);
  if (/node_modules|\n\s+at |\/src\/|\.ts:\d|\.js:\d/.test(response.body))
    throw new Error(`inner things in ${response.body}`);
  return problem;
}
