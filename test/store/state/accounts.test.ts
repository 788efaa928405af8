import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/lib/secret.ts";
import { everything } from "../../../src/model/access.ts";
import { aState, must } from "./state-fixture.ts";

const password = new Secret("correct horse battery");
const ann = { name: "Ann", password, role: "admin", scope: everything } as const;
const minute = 60_000;
const hour = 60 * minute;

describe("users", () => {
  it("are known by name in any case and by the right password only", async () => {
    const { users } = await aState();
    const created = await users.create(ann);

    expect((await users.verify("ann", password))?.id).toBe(created?.id);
    expect(await users.verify("ann", new Secret("wrong"))).toBeUndefined();
    expect(await users.verify("nobody", password)).toBeUndefined();
  });

  it("have names that are taken only once", async () => {
    const { users } = await aState();
    await users.create(ann);

    expect(await users.create({ ...ann, name: "ANN" })).toBeUndefined();
    expect(await users.count()).toBe(1);
  });

  it("remember role, scope and last login", async () => {
    const { users, clock } = await aState();
    const scope = { clusters: ["lab"], pools: null, tags: ["web"] };
    const { id } = must(await users.create({ ...ann, role: "operator", scope }));
    clock.advance(hour);
    await users.verify("ann", password);

    expect(await users.get(id)).toMatchObject({ role: "operator", scope, lastLoginAt: clock.now() });
  });

  it("keep their password as argon2id of at least 19 MiB and two passes, and nowhere in clear", async () => {
    const { users, path, close } = await aState();
    await users.create(ann);
    await close();

    const bytes = readFileSync(path, "latin1");

    expect(bytes).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
    expect(bytes).not.toContain(password.reveal());
  });

  it("take the same time to refuse whether they exist or not", async () => {
    const { users } = await aState();
    await users.create(ann);
    await users.verify("nobody", password);
    const time = async (name: string): Promise<number> => {
      const start = performance.now();
      await users.verify(name, new Secret("wrong"));
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 7; round++) {
      known.push(await time("ann"));
      unknown.push(await time("nobody"));
    }

    // A lookup without a hash would take a hundredth; the machine under the tests may be busy.
    expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 3);
  });

  it("take their sessions with them", async () => {
    const { users, sessions } = await aState();
    const { id } = must(await users.create(ann));
    const session = await sessions.create(id);

    expect(await users.remove(id)).toBe(true);

    expect(await sessions.find(session.secret)).toBeUndefined();
    expect(await users.remove(id)).toBe(false);
  });
});

describe("sessions", () => {
  const signedIn = async () => {
    const state = await aState();
    const user = must(await state.users.create(ann));
    return { ...state, user, session: await state.sessions.create(user.id) };
  };

  it("have secrets of 256 bits that are kept only as a hash", async () => {
    const { session, path, close } = await signedIn();
    await close();

    expect(Buffer.from(session.secret.reveal(), "base64url")).toHaveLength(32);
    expect(readFileSync(path, "latin1")).not.toContain(session.secret.reveal());
  });

  it("know their user", async () => {
    const { session, sessions, user } = await signedIn();

    expect(await sessions.find(session.secret)).toMatchObject({ id: session.id, user: { id: user.id, name: "Ann" } });
    expect(await sessions.check(session.id)).toMatchObject({ id: session.id });
    expect(await sessions.find(new Secret("guess"))).toBeUndefined();
  });

  it("end after twelve idle hours, which looking at them by id does not prolong", async () => {
    const { session, sessions, clock } = await signedIn();
    clock.advance(11 * hour);
    await sessions.check(session.id);
    clock.advance(hour);

    expect(await sessions.find(session.secret)).toBeUndefined();
  });

  it("go on while they are used, but not beyond a week", async () => {
    const { session, sessions, clock } = await signedIn();
    for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
      clock.advance(6 * hour);
      expect(await sessions.find(session.secret)).toBeDefined();
    }
    clock.advance(6 * hour);

    expect(await sessions.find(session.secret)).toBeUndefined();
  });

  it("end at once when they are removed", async () => {
    const { session, sessions } = await signedIn();

    expect(await sessions.remove(session.id)).toBe(true);

    expect(await sessions.find(session.secret)).toBeUndefined();
    expect(await sessions.check(session.id)).toBeUndefined();
    expect(await sessions.remove(session.id)).toBe(false);
  });
});

describe("API tokens", () => {
  const program = { name: "grafana", role: "viewer", scope: everything, createdBy: null, expiresAt: null } as const;

  it("begin with ph_, are found by their secret and kept only as a hash", async () => {
    const { tokens, path, close } = await aState();
    const { token, secret } = await tokens.create(program);

    expect(secret.reveal()).toMatch(/^ph_[A-Za-z0-9_-]{43}$/);
    expect(await tokens.find(secret)).toMatchObject({ id: token.id, name: "grafana", role: "viewer" });
    expect(await tokens.find(new Secret("ph_guess"))).toBeUndefined();
    await close();
    expect(readFileSync(path, "latin1")).not.toContain(secret.reveal());
  });

  it("say when they were last used, to the minute", async () => {
    const { tokens, clock } = await aState();
    const { secret } = await tokens.create(program);
    await tokens.find(secret);
    const first = clock.now();
    clock.advance(30_000);
    await tokens.find(secret);

    expect((await tokens.list())[0]?.lastUsedAt).toBe(first);
  });

  it("end when they expire", async () => {
    const { tokens, clock } = await aState();
    const { token, secret } = await tokens.create({ ...program, expiresAt: clock.now() + hour });
    clock.advance(hour);

    expect(await tokens.find(secret)).toBeUndefined();
    expect(await tokens.check(token.id)).toBeUndefined();
  });

  it("end when they are revoked, and stay in the list", async () => {
    const { tokens, clock } = await aState();
    const { token, secret } = await tokens.create(program);

    expect(await tokens.revoke(token.id)).toBe(true);
    expect(await tokens.revoke(token.id)).toBe(false);

    expect(await tokens.find(secret)).toBeUndefined();
    expect(await tokens.list()).toMatchObject([{ id: token.id, revokedAt: clock.now() }]);
  });
});

describe("setup links", () => {
  it("work once", async () => {
    const { setupLinks } = await aState();
    const secret = await setupLinks.create();

    expect(await setupLinks.redeem(new Secret("guess"))).toBe(false);
    expect(await setupLinks.redeem(secret)).toBe(true);
    expect(await setupLinks.redeem(secret)).toBe(false);
  });

  it("all end when one is used", async () => {
    const { setupLinks } = await aState();
    const [first, second] = [await setupLinks.create(), await setupLinks.create()];
    await setupLinks.redeem(second);

    expect(await setupLinks.redeem(first)).toBe(false);
  });

  it("end after fifteen minutes", async () => {
    const { setupLinks, clock } = await aState();
    const secret = await setupLinks.create();
    clock.advance(15 * minute);

    expect(await setupLinks.redeem(secret)).toBe(false);
  });
});
