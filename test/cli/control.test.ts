import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { adminMethods } from "../../src/cli/admin.ts";
import { ControlError, type ControlServer, controlCall, NoServiceError, serveControl } from "../../src/cli/control.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { InputError, LockedError, NotFoundError } from "../../src/lib/errors.ts";
import { silentLog } from "../../src/lib/log.ts";
import { openState, type State } from "../../src/store/state/index.ts";
import { aFolder, cli } from "./run-in-process.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function serve(dataDir: string, methods: Parameters<typeof serveControl>[1]): Promise<ControlServer> {
  const server = await serveControl(dataDir, methods, silentLog);
  opened.push(server);
  return server;
}

describe("the control socket", () => {
  it("carries a call and its result, and only its user may open it", async () => {
    const dataDir = aFolder();
    await serve(dataDir, { add: async ({ a, b }) => Number(a) + Number(b) });

    expect(await controlCall(dataDir, "add", { a: 1, b: 2 })).toBe(3);
    expect(statSync(join(dataDir, "control.sock")).mode & 0o777).toBe(0o600);
  });

  it("carries errors of ours with code and exit code, and hides the rest", async () => {
    const dataDir = aFolder();
    await serve(dataDir, {
      refuse: async () => Promise.reject(new InputError("not like this")),
      crash: async () => Promise.reject(new Error("internal detail")),
    });

    await expect(controlCall(dataDir, "refuse")).rejects.toMatchObject({ code: "PH_INPUT", message: "not like this" });
    await expect(controlCall(dataDir, "crash")).rejects.toThrow("see its log");
    await expect(controlCall(dataDir, "toString")).rejects.toThrow(ControlError);
  });

  it("says that no service runs when there is none, also after one was killed", async () => {
    const dataDir = aFolder();

    await expect(controlCall(dataDir, "status")).rejects.toThrow(NoServiceError);
    writeFileSync(join(dataDir, "control.sock"), "");
    await expect(controlCall(dataDir, "status")).rejects.toThrow(NoServiceError);
    await serve(dataDir, { status: async () => "new" });
    expect(await controlCall(dataDir, "status")).toBe("new");
  });

  it("refuses a second service on the same directory and leaves the first alone", async () => {
    const dataDir = aFolder();
    await serve(dataDir, { who: async () => "first" });

    await expect(serveControl(dataDir, {}, silentLog)).rejects.toThrow(LockedError);
    expect(await controlCall(dataDir, "who")).toBe("first");
  });

  it("moves to a short path when the directory's is too long for a socket", async () => {
    const dataDir = join(aFolder(), "d".repeat(120));
    mkdirSync(dataDir);
    const server = await serve(dataDir, { who: async () => "far" });
    const short = readFileSync(join(dataDir, "control.path"), "utf8").trim();

    expect(await controlCall(dataDir, "who")).toBe("far");
    expect(statSync(join(short, "..")).mode & 0o777).toBe(0o700);
    await server.close();
    opened.length = 0;
    expect([existsSync(short), existsSync(join(dataDir, "control.path"))]).toEqual([false, false]);
  });

  it("gives up on a service that does not answer", async () => {
    const dataDir = aFolder();
    const mute = createServer((socket) => socket.resume()).listen(join(dataDir, "control.sock"));
    opened.push({ close: () => new Promise((resolve) => mute.close(() => resolve())) });

    await expect(controlCall(dataDir, "status", {}, 50)).rejects.toThrow("did not answer within 0.05 s");
  });
});

describe("tokens and setup links", () => {
  const url = "https://ph.example.com";

  async function aService(dataDir: string): Promise<State> {
    const state = await openState({ path: join(dataDir, "state.db"), clock: systemClock });
    opened.push(state);
    await serve(dataDir, {
      ...adminMethods({ ...state, url }),
      status: async () => ({ url, clusters: { demo: { state: "up" } } }),
    });
    return state;
  }

  it.each(["by a running service", "without one"])("are made, listed and revoked %s", async (how) => {
    const cwd = aFolder();
    if (how === "by a running service") await aService(cwd);
    const run = (...argv: string[]) => cli([...argv, "--data-dir", cwd], { cwd });

    const made = await run(
      "token",
      "create",
      "--name",
      "ci",
      "--role",
      "operator",
      "--scope",
      "pool:web,tag:a",
      "--expires",
      "90d",
      "--json",
    );
    const { id, token, scope } = JSON.parse(made.stdout) as { id: string; token: string; scope: unknown };
    const listed = await run("token", "list");
    const revoked = await run("token", "revoke", id);
    const again = await run("token", "revoke", id);

    expect(scope).toEqual({ clusters: null, pools: ["web"], tags: ["a"] });
    expect(listed.stdout).toMatch(new RegExp(`${id} +ci +operator +pool:web,tag:a +valid +never`));
    expect(listed.stdout).not.toContain(token);
    expect([made.exitCode, revoked.exitCode, again.exitCode]).toEqual([0, 0, 1]);
    expect((await run("token", "list", "--json")).stdout).toMatch(/"revoked_at": "\d{4}-/);
  });

  it("prints the token alone on stdout, so that it can be piped", async () => {
    const cwd = aFolder();
    const { stdout, stderr } = await cli(["token", "create", "--name", "x", "--data-dir", cwd], { cwd });

    expect(stdout).toMatch(/^ph_\S+\n$/);
    expect(stderr).not.toContain(stdout.trim());
  });

  it("prints a setup link that the service accepts once", async () => {
    const cwd = aFolder();
    const state = await aService(cwd);

    const { stdout } = await cli(["setup-link", "--data-dir", cwd], { cwd });

    expect(stdout).toMatch(/^https:\/\/ph\.example\.com\/setup#token=\S+\n$/);
    const { Secret } = await import("../../src/lib/secret.ts");
    expect(await state.setupLinks.redeem(new Secret(stdout.trim().split("=")[1] ?? ""))).toBe(true);
  });

  it("says what the running service does", async () => {
    const cwd = aFolder();
    await aService(cwd);

    expect((await cli(["status", "--data-dir", cwd], { cwd })).stdout).toContain("clusters demo state  up");
  });

  it("says in a sentence that the data directory is not there yet", async () => {
    const missing = join(aFolder(), "none");

    const { exitCode, stderr } = await cli(["token", "list", "--data-dir", missing]);

    expect({ exitCode, stderr }).toEqual({
      exitCode: 69,
      stderr: `pilothouse: The data directory ${missing} does not exist yet; start the service once: pilothouse serve\n`,
    });
  });
});

describe("job run", () => {
  const idle = {
    id: "growth",
    summary: "",
    schedule: "41 * * * *",
    state: "idle",
    lastDurationMs: 1200,
    progress: null,
  };

  it("waits for the run that it asked for, and tells what came of it", async () => {
    const dataDir = aFolder();
    let looks = 0;
    await serve(dataDir, {
      jobs: async () => {
        looks++;
        if (looks < 3) return [{ ...idle, lastStartedAt: 1, lastResult: "the run before" }];
        return [{ ...idle, lastStartedAt: 2, lastResult: "40 series that grow, of 1 clusters" }];
      },
      "job.run": async () => null,
    });

    const run = await cli(["job", "run", "growth", "--data-dir", dataDir]);

    expect(run.stdout).toBe("40 series that grow, of 1 clusters\n");
    expect(run.exitCode).toBe(0);
  });

  it("passes on that there is no such job, and fails with a job that failed", async () => {
    const dataDir = aFolder();
    const failed = { ...idle, state: "failed", lastStartedAt: 2, lastResult: "The disk is full." };
    let asked = false;
    await serve(dataDir, {
      jobs: async () => (asked ? [failed] : []),
      "job.run": async ({ id }) => {
        asked = id === "growth";
        return id === "growth" ? null : Promise.reject(new NotFoundError("There is no job nope that can be run."));
      },
    });

    const none = await cli(["job", "run", "nope", "--data-dir", dataDir]);
    expect(none.stderr).toContain("There is no job nope");
    expect(none.exitCode).not.toBe(0);
    const run = await cli(["job", "run", "growth", "--data-dir", dataDir]);
    expect(run.stderr).toContain("The disk is full.");
    expect(run.exitCode).toBe(1);
  });
});
