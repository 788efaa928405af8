// Signing in with a password against the simulated cluster, whose tickets expire on its own clock.
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../../src/lib/clock.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLog } from "../../src/lib/log.ts";
import { Secret } from "../../src/lib/secret.ts";
import { PveAuthError, PveCluster, type PveOptions, version } from "../../src/pve/index.ts";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { failureOf } from "./client.ts";

const user = "watcher@pve";
const password = "canary pass+word/=&é";
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** Real pauses, but the time that tickets and pauses are measured by moves with the simulator's. */
const movingClock = (simulator: RunningSimulator): Clock => ({
  now: () => simulator.now(),
  monotonic: () => simulator.now(),
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 5), signal),
});

async function setUp(more: { readonly secondFactor?: boolean; readonly wrong?: boolean } = {}) {
  const simulator = await startSimulator({ nodes: 2, guests: 4, speed: 0, unauthorizedDelayMs: 0 });
  simulator.state.access.createUser({
    user,
    password,
    roles: [{ role: "PVEAuditor" }, { role: "PVEVMUser", path: "/vms" }],
    ...(more.secondFactor === undefined ? {} : { secondFactor: more.secondFactor }),
  });
  const requests: unknown[] = [];
  const options: PveOptions = {
    cluster: "sim",
    endpoints: [simulator.url],
    login: { user, password: new Secret(more.wrong === true ? "wrong" : password) },
    trust: { kind: "pin", sha256: simulator.fingerprint },
    limits: { requestsPerSecond: 10_000 },
    clock: movingClock(simulator),
    log: silentLog,
    random: () => 0,
    onRequest: (request) => requests.push(request),
  };
  const pve = new PveCluster(options);
  open.push(simulator, pve);
  const { access } = simulator.state;
  return { simulator, pve, access, requests, outcomes: () => access.signIns.map(({ outcome }) => outcome) };
}

const minutes = (count: number): number => count * 60_000;
const seen = (simulator: RunningSimulator): readonly string[] =>
  simulator.state.requests.list().map(({ method, path }) => `${method} ${path}`);

describe("a sign-in with a password", () => {
  it("happens once for many calls, and the calls carry the ticket", async () => {
    const { simulator, pve, outcomes } = await setUp();

    const answers = await Promise.all([version(pve), version(pve), version(pve)]);

    expect(answers.map(({ data }) => data.release)).toEqual(["9.2", "9.2", "9.2"]);
    expect(outcomes()).toEqual(["ok"]);
    expect(seen(simulator)).toEqual(["POST /access/ticket", "GET /version", "GET /version", "GET /version"]);
  });

  it("gives calls that change something the CSRF prevention token", async () => {
    const { simulator, pve } = await setUp();
    const guest = [...simulator.state.guests.values()].find(({ template }) => !template);

    const started = await pve.post({ path: `/nodes/${guest?.node}/${guest?.type}/${guest?.vmid}/status/stop` });

    expect(started.data).toMatch(new RegExp(`^UPID:${guest?.node}:.*:${user}:$`));
  });

  it("is renewed after an hour with the ticket itself, for as long as it goes on", async () => {
    const { simulator, pve, outcomes } = await setUp();

    for (let quarter = 0; quarter <= 5 * 4; quarter++) {
      await version(pve);
      simulator.advance(minutes(15));
    }

    expect(outcomes()).toEqual(["ok", "ok", "ok", "ok", "ok", "ok"]);
    expect(seen(simulator).filter((call) => call === "GET /version")).toHaveLength(21);
  });

  it("uses the password again when it slept longer than a ticket lasts", async () => {
    const { simulator, pve, outcomes } = await setUp();
    await version(pve);

    simulator.advance(minutes(300));
    await version(pve);

    expect(outcomes()).toEqual(["ok", "ok"]);
  });

  it("goes on with the old ticket while the renewal cannot be had", async () => {
    const { simulator, pve } = await setUp();
    await version(pve);
    simulator.advance(minutes(61));
    const fault = await simulator.state.faults.set({
      kind: "status",
      status: 503,
      text: "busy",
      path: "/access/ticket",
    });

    const meanwhile = await version(pve);
    await simulator.state.faults.clear(fault);
    simulator.advance(minutes(2));
    await version(pve);
    simulator.advance(minutes(58));
    const later = await version(pve);

    expect([meanwhile.status, later.status]).toEqual([200, 200]);
  });
});

describe("a ticket that is refused", () => {
  it("leads to one new sign-in and one more try, however many calls were refused together", async () => {
    const { simulator, pve, access, outcomes } = await setUp();
    await version(pve);
    access.tickets.replaceKey();
    simulator.state.requests.clear();

    const answers = await Promise.all([version(pve), version(pve), version(pve), version(pve)]);

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(outcomes()).toEqual(["ok", "ok"]);
    expect(seen(simulator).filter((call) => call === "GET /version")).toHaveLength(8);
  });

  it("for its CSRF token sends the change once more, and it is carried out once", async () => {
    const { simulator, pve, access } = await setUp();
    await version(pve);
    access.tickets.replaceCsrfKey();
    const guest = [...simulator.state.guests.values()].find(({ template }) => !template);

    const begun = simulator.state.tasks.list().length;
    await pve.post({ path: `/nodes/${guest?.node}/${guest?.type}/${guest?.vmid}/status/stop` });

    expect(simulator.state.tasks.list()).toHaveLength(begun + 1);
  });

  it("again and again is tried once a minute, and everything else fails at once without asking", async () => {
    const { simulator, pve, access, outcomes } = await setUp();
    await version(pve);
    // Every ticket is refused from now on, also the new ones.
    await simulator.state.faults.set({ kind: "status", status: 401, text: "No ticket", path: "/version" });

    const failures: Error[] = [];
    for (let second = 0; second < 180; second += 10) {
      failures.push(await failureOf(version(pve)));
      simulator.advance(10_000);
    }

    expect(failures.every((error) => error instanceof PveAuthError)).toBe(true);
    const times = access.signIns.slice(1).map(({ atS }) => atS);
    expect(times).toHaveLength(3);
    for (const [index, at] of times.slice(1).entries()) expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(60);
    expect(outcomes()).toEqual(["ok", "ok", "ok", "ok"]);
  });
});

describe("a password that is wrong", () => {
  it("is tried once a minute, says so in one sentence, and never shows itself", async () => {
    const { simulator, pve, access, requests } = await setUp({ wrong: true });

    const failures = await Promise.all([failureOf(version(pve)), failureOf(version(pve))]);
    for (let second = 0; second < 120; second += 5) {
      failures.push(await failureOf(version(pve)));
      simulator.advance(5_000);
    }

    expect(failures[0].message).toBe(
      `${simulator.url} refused ${user} (401 authentication failure): check the password, and that the user is enabled; better, make an API token.`,
    );
    expect(new Set(failures.map(({ message }) => message)).size).toBe(1);
    expect(access.signIns.map(({ outcome }) => outcome)).toEqual(["refused", "refused"]);
    expect(JSON.stringify(requests)).toContain("[redacted]");
    expect(JSON.stringify([failures, requests])).not.toContain("wrong");
  });

  it("works at once after it was corrected", async () => {
    const { pve } = await setUp({ wrong: true });
    await failureOf(version(pve));

    pve.signInWith({ login: { user, password: new Secret(password) } });

    expect((await version(pve)).status).toBe(200);
  });
});

describe("a second factor", () => {
  it("is answered with the sentence that an API token needs none", async () => {
    const { simulator, pve, outcomes } = await setUp({ secondFactor: true });

    const failure = await failureOf(version(pve));

    expect(failure).toBeInstanceOf(PveAuthError);
    expect(failure.message).toBe(
      `${user} needs a second factor to sign in at ${simulator.url}, and nobody is here to give it: use an API token, which needs none.`,
    );
    expect(outcomes()).toEqual(["second factor"]);
  });
});

describe("a token that is replaced", () => {
  it("lets what is under way with the old one go out again with the new one", async () => {
    const simulator = await startSimulator({ nodes: 1, guests: 1, speed: 0, unauthorizedDelayMs: 0 });
    const old = simulator.state.access.createToken({ token: "old", roles: [{ role: "PVEAuditor" }] });
    const pve = new PveCluster({
      cluster: "sim",
      endpoints: [simulator.url],
      token: { id: old.tokenId, secret: new Secret(old.tokenSecret) },
      trust: { kind: "pin", sha256: simulator.fingerprint },
      clock: systemClock,
      log: silentLog,
    });
    open.push(simulator, pve);
    await version(pve);
    simulator.state.access.deleteToken(old.tokenId);
    await simulator.state.faults.set({ kind: "delay", ms: 100, path: "/version", times: 1 });

    const underWay = version(pve);
    await systemClock.sleep(30);
    pve.signInWith({ token: { id: simulator.tokenId, secret: new Secret(simulator.tokenSecret) } });

    expect((await underWay).status).toBe(200);
  });
});
