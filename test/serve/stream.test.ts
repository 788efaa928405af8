import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Fleet } from "../../src/live/fleet.ts";
import { everything, type Scope } from "../../src/model/access.ts";
import type { GuestEntity } from "../../src/model/inventory.ts";
import { Channel } from "../../src/serve/stream/channel.ts";
import { fleetTopic } from "../../src/serve/stream/fleet-topic.ts";
import { tasksTopic } from "../../src/serve/stream/record-topics.ts";
import { StreamClient } from "../../src/serve/stream/stream-client.ts";
import type { Changes } from "../../src/serve/stream/topic.ts";
import { aCluster, aGuest, aTask } from "../build.ts";
import { aServer, setClock, start, type TestServer } from "./serve-fixture.ts";
import { fillFleet, setValues } from "./small-fleet.ts";

interface Frame {
  readonly topic: string;
  readonly epoch: string;
  readonly seq: number;
  readonly type: string;
  readonly data: { items?: Item[]; changed?: Item[]; removed?: string[]; from_seq?: number };
  readonly op?: string;
  readonly code?: string;
}
type Item = Record<string, unknown> & { id: string; upid?: string; values?: Record<string, number | null> };

/** A client as the page is one: keeps what came, and hands it out in order. */
class TestClient {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #waiting: (() => void)[] = [];

  constructor(url: string, headers: Record<string, string>) {
    this.socket = new WebSocket(url.replace(/^http/, "ws").replace(/\/$/, "/api/v1/stream"), { headers });
    this.socket.on("message", (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  async open(): Promise<this> {
    await new Promise((resolve, reject) => {
      this.socket.on("open", resolve);
      this.socket.on("unexpected-response", (_request, response) =>
        reject(new Error(`HTTP ${response.statusCode ?? 0}`)),
      );
    });
    return this;
  }

  say(message: object | string): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The first frame that fits, come or to come; it is taken out. */
  async next(fits: (frame: Frame) => boolean = () => true): Promise<Frame> {
    for (;;) {
      const index = this.frames.findIndex(fits);
      const [found] = index === -1 ? [] : this.frames.splice(index, 1);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

async function streaming(
  options: Parameters<typeof aServer>[0] = {},
): Promise<TestServer & { url: string; connect: (headers?: Record<string, string>) => Promise<TestClient> }> {
  const server = await aServer({
    ...options,
    settings: { ...options.settings, limits: { streamCoalesceMs: 5, ...options.settings?.limits } },
  });
  const { url } = await server.listen();
  const viewer = await server.token("viewer");
  return { ...server, url, connect: (headers = viewer) => new TestClient(url, headers).open() };
}

function apply(items: Map<string, Item>, { type, data }: Pick<Frame, "type" | "data">): Map<string, Item> {
  if (type === "gap") return items;
  if (data.items !== undefined) return new Map(data.items.map((item) => [item.upid ?? item.id, item]));
  const next = new Map(items);
  for (const change of data.changed ?? []) {
    const known = change.upid === undefined ? next.get(change.id) : undefined;
    const merged = { ...known?.values, ...change.values };
    const values = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
    next.set(change.upid ?? change.id, known === undefined ? change : { ...known, ...change, values });
  }
  for (const id of data.removed ?? []) next.delete(id);
  return next;
}

describe("the stream", () => {
  it("brings a snapshot and then what changes, with numbers that grow by one", async () => {
    const { fleet, connect } = await streaming();
    const client = await connect();
    client.say({ op: "subscribe", topic: "fleet" });
    const snapshot = await client.next();
    setValues(fleet, start + 10_000, { "lab/node/pve1": { cpu_ratio: 0.9 } });
    const first = await client.next();
    fleet.applyEvent({
      type: "inventory",
      cluster: "lab",
      changed: [aGuest("lab", 100, start, { goneAt: start }), aGuest("lab", 777, start)],
    });
    const second = await client.next();

    expect(snapshot).toMatchObject({ topic: "fleet", type: "snapshot", seq: 0 });
    expect(snapshot.data.items).toHaveLength(13);
    expect(first).toMatchObject({ type: "delta", seq: 1, epoch: snapshot.epoch });
    expect(first.data).toEqual({
      changed: [
        {
          id: "lab/node/pve1",
          values_at: "2026-01-05T12:00:10.000Z",
          values: { cpu_ratio: 0.9, mem_used_bytes: null },
        },
      ],
      removed: [],
    });
    expect(second).toMatchObject({ type: "delta", seq: 2, data: { removed: ["lab/guest/100~1"] } });
    expect(second.data.changed).toMatchObject([{ id: "lab/guest/777~1", kind: "guest", name: "vm777", values: {} }]);
  });

  it("has tasks, problems and jobs", async () => {
    const { fleet, connect } = await streaming();
    const client = await connect();
    for (const topic of ["tasks", "problems", "jobs"]) client.say({ op: "subscribe", topic });
    for (const [topic, count] of [
      ["tasks", 6],
      ["problems", 3],
      ["jobs", 3],
    ] as const) {
      expect((await client.next((frame) => frame.topic === topic)).data.items).toHaveLength(count);
    }
    fleet.applyEvent({ type: "tasks", cluster: "lab", tasks: [aTask("lab", 9, start, { state: "failed" })] });
    expect((await client.next()).data).toMatchObject({ changed: [{ upid: "UPID:pve1:00009:lab:", state: "failed" }] });
    fleet.applyEvent({ type: "problem-cleared", code: "disk_full", subject: "pilothouse" });
    expect(await client.next()).toMatchObject({ topic: "problems", type: "delta" });
  });

  it("answers pings and says what it does not understand", async () => {
    const { connect } = await streaming();
    const client = await connect();
    client.say({ op: "ping" });
    client.say({ op: "subscribe", topic: "nope" });
    client.say({ op: "dance" });

    expect(await client.next()).toEqual({ op: "pong" });
    expect(await client.next()).toMatchObject({ op: "error", code: "unknown_topic" });
    expect(await client.next()).toMatchObject({ op: "error", code: "bad_message" });
  });

  it("goes on where a client left, without gap and without repetition", async () => {
    const { fleet, connect } = await streaming();
    const client = await connect();
    const watcher = await connect();
    for (const one of [client, watcher]) one.say({ op: "subscribe", topic: "fleet" });
    const { epoch, seq } = await client.next();
    await watcher.next();
    client.socket.close();
    await client.closed;
    for (let index = 1; index <= 3; index++) {
      setValues(fleet, start + index * 10_000, { "lab/node/pve1": { cpu_ratio: index } });
      await watcher.next();
    }

    const again = await connect();
    again.say({ op: "subscribe", topic: "fleet", epoch, seq });
    const stranger = await connect();
    stranger.say({ op: "subscribe", topic: "fleet", epoch: "other", seq });

    expect([(await again.next()).seq, (await again.next()).seq, (await again.next()).seq]).toEqual([1, 2, 3]);
    expect(again.frames).toEqual([]);
    expect(await stranger.next()).toMatchObject({ type: "snapshot", seq: 3 });
  });

  it("shows each scope its own part, and takes away what leaves it", async () => {
    const { fleet, connect, token } = await streaming();
    const client = await connect(await token("viewer", { tags: ["web"] }));
    client.say({ op: "subscribe", topic: "fleet" });
    const snapshot = await client.next();
    fleet.applyEvent({
      type: "inventory",
      cluster: "lab",
      changed: [
        aGuest("lab", 100, start, { tags: [] }),
        aGuest("lab", 101, start, { tags: ["web"] }),
        aGuest("lab", 102, start, { name: "hidden" }),
      ],
    });
    const delta = await client.next();

    expect(snapshot.data.items?.map((item) => item.id).sort()).toEqual(["lab/guest/100~1", "other/guest/100~1"]);
    expect(delta.data.removed).toEqual(["lab/guest/100~1"]);
    expect(delta.data.changed).toMatchObject([{ id: "lab/guest/101~1", kind: "guest" }]);
    expect(JSON.stringify(delta)).not.toContain("hidden");
  });

  it("is closed to strangers, foreign pages and cookies without origin", async () => {
    const { url, connect, cookie, state } = await streaming();
    const session = await cookie("viewer");
    const origin = new URL(url).origin;

    await expect(connect({})).rejects.toThrow("HTTP 401");
    await expect(connect({ authorization: "Bearer ph_nope" })).rejects.toThrow("HTTP 401");
    await expect(connect(session)).rejects.toThrow("HTTP 403");
    await expect(connect({ ...session, origin: "https://evil.example" })).rejects.toThrow("HTTP 403");
    await expect(connect({ ...session, origin, host: "evil.example" })).rejects.toThrow("HTTP 421");
    expect((await connect({ ...session, origin })).socket.readyState).toBe(WebSocket.OPEN);
    expect(await state.users.count()).toBe(1);
  });

  it("ends soon after the session or token ends", async () => {
    const { url, connect, cookie, token, state } = await streaming({ settings: { limits: { streamRecheckMs: 50 } } });
    const session = await connect({ ...(await cookie("viewer")), origin: new URL(url).origin });
    const program = await connect(await token("operator"));
    const other = await connect();
    for (const user of await state.users.list()) await state.users.remove(user.id);
    for (const one of await state.tokens.list()) if (one.role === "operator") await state.tokens.revoke(one.id);

    expect(await session.closed).toEqual({ code: 1008, reason: "session ended" });
    expect(await program.closed).toEqual({ code: 1008, reason: "session ended" });
    expect(other.socket.readyState).toBe(WebSocket.OPEN);
  });

  it("ends connections that flood, babble or send too much", async () => {
    const { connect } = await streaming({ settings: { limits: { streamTopics: 3 } } });
    const end = async (act: (client: TestClient) => void): Promise<number> => {
      const client = await connect();
      act(client);
      return (await client.closed).code;
    };

    expect(await end((client) => Array.from({ length: 100 }, () => client.say({ op: "ping" })))).toBe(1008);
    expect(
      await end((client) => [1, 2, 3, 4].map((number) => client.say({ op: "subscribe", topic: `t${number}` }))),
    ).toBe(1008);
    expect(await end((client) => client.say("x".repeat(64 * 1024 + 1)))).toBe(1009);
    expect(await end((client) => client.say("{"))).toBe(1003);
    expect(await end((client) => client.socket.send(Buffer.from([1, 2, 3])))).toBe(1003);
    expect(await end((client) => client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false }))).toBe(1007);
  });

  it("has room for so many, counts them, and upgrades in a bucket of their own", async () => {
    const { connect, app, token } = await streaming({
      settings: { limits: { streamClients: 2, upgradesPerMinute: 4, requestsPerMinute: 100 } },
    });
    await connect();
    await connect();

    await expect(connect()).rejects.toThrow("HTTP 503");
    const text = (await app.inject({ url: "/metrics", headers: await token("viewer") })).body;
    expect(text).toContain("pilothouse_stream_clients 2");
    await expect(connect()).rejects.toThrow("HTTP 503");
    await expect(connect()).rejects.toThrow("HTTP 429");
  });

  it("ends connections that answer no pings", async () => {
    const { connect } = await streaming({ settings: { limits: { streamPingMs: 40, streamPongMs: 100 } } });
    const awake = await connect();
    const asleep = await connect();
    asleep.socket.pong = () => undefined;
    (asleep.socket as unknown as { _autoPong: boolean })._autoPong = false;

    expect((await asleep.closed).code).toBe(1006);
    expect(awake.socket.readyState).toBe(WebSocket.OPEN);
  });

  it("says goodbye when the service goes", async () => {
    const { connect, close } = await streaming();
    const client = await connect();

    await close();

    expect(await client.closed).toEqual({ code: 1001, reason: "Pilothouse is shutting down" });
  });
});

describe("a slow client", () => {
  it("skips to the latest: a gap, then a snapshot, and nothing piles up", () => {
    const fleet = new Fleet(setClock());
    fillFleet(fleet, start);
    const channel = new Channel({
      topic: "fleet",
      epoch: "e",
      state: fleetTopic.open(fleet, everything),
      ringFrames: 10,
      ringBytes: 1e6,
    });
    const sent: Frame[] = [];
    let callbacks: (() => void)[] = [];
    const socket = {
      bufferedAmount: 0,
      send(text: string, done: () => void) {
        sent.push(JSON.parse(text) as Frame);
        socket.bufferedAmount += text.length;
        callbacks.push(done);
      },
    };
    let skips = 0;
    const client = new StreamClient({
      socket: socket as never,
      principal: { id: "x", kind: "token", name: "x", role: "viewer", scope: everything },
      credential: { kind: "anonymous" },
      bufferedBytes: 400,
      onSent: () => undefined,
      onSkip: () => skips++,
    });
    const drain = (): void => {
      const run = callbacks;
      callbacks = [];
      socket.bufferedAmount = 0;
      for (const done of run) done();
    };
    client.subscribe("fleet", channel, undefined, undefined);
    drain();

    for (let index = 1; index <= 50; index++) {
      setValues(fleet, start + index * 10_000, { "lab/node/pve1": { cpu_ratio: index } });
      const text = channel.publish({ ...nothing, entities: new Set(["lab/node/pve1"]) });
      if (text !== undefined) client.deliver("fleet", channel, text);
    }
    const waiting = socket.bufferedAmount;
    drain();
    drain();

    expect(waiting).toBeLessThan(1_000);
    expect(skips).toBe(1);
    expect(sent.map((frame) => frame.type).slice(-2)).toEqual(["gap", "snapshot"]);
    expect(sent.at(-2)?.data.from_seq).toBe(sent.at(-3)?.seq);
    expect(sent.at(-1)?.seq).toBe(50);
    expect(sent.at(-1)?.data.items?.find((item) => item.id === "lab/node/pve1")?.values).toEqual({ cpu_ratio: 50 });
  });
});

const noOthers = { tasks: false, problems: false, jobs: false, findings: false, analyses: false };
const nothing: Changes = { entities: new Set(), ...noOthers };

describe("snapshot and deltas", () => {
  const guest = fc.record({
    vmid: fc.integer({ min: 100, max: 106 }),
    name: fc.constantFrom("a", "b"),
    tags: fc.subarray(["web", "db"]),
    pool: fc.constantFrom(null, "prod"),
    goneAt: fc.constantFrom(null, null, start),
    cluster: fc.constantFrom("lab", "other"),
  });
  const change = fc.oneof(
    fc.record({ what: fc.constant("guest" as const), guest }),
    fc.record({
      what: fc.constant("values" as const),
      vmid: fc.integer({ min: 100, max: 106 }),
      values: fc.dictionary(fc.constantFrom("cpu_ratio", "running", "mem_used_bytes"), fc.integer({ min: 0, max: 3 })),
    }),
    fc.record({
      what: fc.constant("link" as const),
      webUrl: fc.constantFrom(null, "https://a.example", "https://b.example:8006/"),
    }),
    fc.record({
      what: fc.constant("task" as const),
      number: fc.integer({ min: 0, max: 5 }),
      vmid: fc.integer({ min: 100, max: 106 }),
      state: fc.constantFrom("ok" as const, "running" as const, "failed" as const),
    }),
    fc.record({ what: fc.constant("flush" as const) }),
  );
  const list = <T>(...values: T[]) => fc.option(fc.subarray(values, { minLength: 1 }), { nil: null });
  const scope: fc.Arbitrary<Scope> = fc.record({
    clusters: list("lab", "other"),
    pools: list("prod"),
    tags: list("web", "db"),
  });

  it("make the snapshot that is taken later, for every scope and every split into frames", () => {
    fc.assert(
      fc.property(scope, fc.array(change, { maxLength: 40 }), (ownScope, changes) => {
        const fleet = new Fleet(setClock());
        fillFleet(fleet, start);
        let pending = { entities: new Set<string>(), ...noOthers };
        fleet.subscribe((event) => {
          if (event.type === "entities") for (const id of event.ids) pending.entities.add(id);
          else pending[event.type] = true;
        });
        const follows = [fleetTopic, tasksTopic].map((topic) => {
          const state = topic.open(fleet, ownScope);
          return { topic, state, held: apply(new Map(), { type: "snapshot", data: copy(state.snapshot()) }) };
        });
        const flush = (): void => {
          for (const one of follows) {
            const data = one.state.update(pending);
            if (data !== undefined) one.held = apply(one.held, { type: "delta", data: copy(data) });
          }
          pending = { entities: new Set(), ...noOthers };
        };

        for (const [index, one] of changes.entries()) {
          if (one.what === "flush") flush();
          else if (one.what === "values")
            setValues(fleet, start + index + 1, { [`lab/guest/${one.vmid}~1`]: one.values });
          else if (one.what === "task")
            fleet.applyEvent({
              type: "tasks",
              cluster: "lab",
              tasks: [aTask("lab", one.number, start, { state: one.state, guestId: `lab/guest/${one.vmid}~1` })],
            });
          else if (one.what === "link")
            fleet.applyEvent({
              type: "inventory",
              cluster: "lab",
              changed: [aCluster("lab", start, { webUrl: one.webUrl })],
            });
          else
            fleet.applyEvent({
              type: "inventory",
              cluster: one.guest.cluster,
              changed: [guestOf(one.guest)],
            });
        }
        flush();

        for (const { topic, held } of follows) {
          const fresh = apply(new Map(), { type: "snapshot", data: copy(topic.open(fleet, ownScope).snapshot()) });
          expect(Object.fromEntries(held)).toEqual(Object.fromEntries(fresh));
        }
      }),
      { numRuns: 300 },
    );
  });

  const guestOf = ({ vmid, cluster, ...more }: { vmid: number; cluster: string } & Partial<GuestEntity>) =>
    aGuest(cluster, vmid, start, more);
  const copy = (data: object): Frame["data"] => JSON.parse(JSON.stringify(data)) as Frame["data"];
});

describe("the ring", () => {
  it("gives back all that was missed or nothing", () => {
    const state = { snapshot: () => ({}), update: () => ({}) };
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 10 }),
        (frames, seq, ringFrames) => {
          const channel = new Channel({ topic: "t", epoch: "e", state, ringFrames, ringBytes: 1e6 });
          for (let index = 0; index < frames; index++) channel.publish(nothing);
          const missed = channel.since("e", seq)?.map((text) => (JSON.parse(text) as Frame).seq);

          const complete = seq <= frames && frames - seq <= ringFrames;
          expect(missed).toEqual(
            complete ? Array.from({ length: frames - seq }, (_, index) => seq + 1 + index) : undefined,
          );
          expect(channel.since("f", seq)).toBeUndefined();
          expect(channel.since("e", undefined)).toBeUndefined();
        },
      ),
    );
  });
});
