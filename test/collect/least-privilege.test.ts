// S15: with exactly the role that we print everything works; with one privilege less its features say which one, on
// which path, and the others go on.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { needsIn, privilegesOf, rootOf } from "../../src/pve/features.ts";
import { features, pveumLines } from "../../src/pve/index.ts";
import { type RunningSimulator, startSimulator } from "../../src/simulator/index.ts";
import { aFolder, cli } from "../cli/run-in-process.ts";
import { type MadeToken, runPveum } from "../pveum.ts";
import { pollSimulated } from "./simulated-poller.ts";

const role = "PilothouseObserver";
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function aCluster(release: "8.4" | "9.2"): Promise<{ simulator: RunningSimulator; token: MadeToken }> {
  const simulator = await startSimulator({ nodes: 2, guests: 6, release, speed: 0, unauthorizedDelayMs: 0 });
  cleanUps.push(() => simulator.close());
  const lines = pveumLines({ release, user: "pilothouse@pve", tokenName: "exact", role });
  const token = runPveum(simulator.state.access, lines);
  if (token === undefined) throw new Error("the lines made no token");
  return { simulator, token };
}

async function aPoller(simulator: RunningSimulator, { tokenId, tokenSecret }: MadeToken, importHistory = false) {
  const polled = await pollSimulated({ on: simulator, token: { id: tokenId, secret: tokenSecret }, importHistory });
  cleanUps.push(() => polled.stop(false));
  await polled.first();
  return polled;
}

function configFor(simulator: RunningSimulator, { tokenId, tokenSecret }: MadeToken): string {
  const cwd = aFolder();
  const text = `clusters:
  - id: sim
    endpoints: [${simulator.url}]
    token: { id: "${tokenId}", secret: ${tokenSecret} }
    trust: { fingerprint: "${simulator.fingerprint}" }
server: { port: 0 }
`;
  writeFileSync(join(cwd, "pilothouse.yaml"), text, { mode: 0o600 });
  return cwd;
}

interface DoctorResult {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly fix: string;
}
async function doctor(cwd: string): Promise<readonly DoctorResult[]> {
  const { stdout } = await cli(["doctor", "--json"], { cwd });
  return (JSON.parse(stdout) as { checks: readonly DoctorResult[] }).checks;
}

const kinds = ["node", "guest", "storage"] as const;

describe.each(["8.4", "9.2"] as const)("with exactly the role that is printed, on %s,", (release) => {
  it("the collector sees everything: samples, tasks, pools, history, and no problem", async () => {
    const { simulator, token } = await aCluster(release);
    const polled = await aPoller(simulator, token, true);
    await polled.poll();
    await expect
      .poll(() => polled.fleet.jobs().find(({ id }) => id.startsWith("import/"))?.lastResult ?? "", { timeout: 30_000 })
      .toMatch(/^(\d+) of \1 histories are read/);

    const exported = polled.rows().filter(({ origin }) => origin === "export");
    const imported = polled.rows().filter(({ origin }) => origin === "rrd-avg");
    for (const kind of kinds) {
      expect(
        exported.some(({ id }) => id.includes(`/${kind}/`)),
        `samples of ${kind}`,
      ).toBe(true);
      expect(
        imported.some(({ id }) => id.includes(`/${kind}/`)),
        `history of ${kind}`,
      ).toBe(true);
      expect(polled.fleet.list(kind).length).toBeGreaterThan(0);
    }
    expect(polled.fleet.tasks().length).toBeGreaterThan(0);
    const pools = polled.fleet.list("guest").map(({ entity }) => (entity.kind === "guest" ? entity.pool : null));
    expect(pools.some((pool) => pool !== null)).toBe(true);
    expect(polled.openProblems()).toEqual([]);
  }, 40_000);

  it("init and doctor find nothing amiss", async () => {
    const { simulator, token } = await aCluster(release);
    const { tokenId, tokenSecret } = token;

    const init = await cli(["init", "--url", simulator.url, "--token-id", tokenId, "--token-file", "-", "--yes"], {
      stdin: tokenSecret,
    });
    const checks = await doctor(configFor(simulator, token));

    expect(init.exitCode, init.stderr).toBe(0);
    expect(init.stderr).not.toMatch(/✗|–/);
    const aboutCluster = new Set(["token", "release", "privileges", "certificate", "clock", "reachability"]);
    expect(checks.filter(({ check, level }) => aboutCluster.has(check) && level !== "ok")).toEqual([]);
  });
});

const privileges = privilegesOf(9);

describe.each(privileges)("without %s", (privilege) => {
  const touched = features.filter(({ needs }) => needsIn(needs, 9).some((need) => need.privilege === privilege));
  const isRequired = touched.some(({ needed }) => needed === "required");
  const names = [...new Set(touched.flatMap(({ needs }) => needs.filter((need) => need.privilege === privilege)))].map(
    ({ path }) => `${privilege} on ${rootOf(path)}`,
  );

  it("doctor names it with its path, and its own lines mend that", async () => {
    const { simulator, token } = await aCluster("9.2");
    const { access } = simulator.state;
    access.defineRole(
      role,
      privileges.filter((each) => each !== privilege),
    );
    const cwd = configFor(simulator, token);

    const lacking = (await doctor(cwd)).filter(({ check, level }) => check === "privileges" && level !== "ok");
    runPveum(
      access,
      lacking.map(({ fix }) => fix),
    );
    const mended = (await doctor(cwd)).filter(({ check }) => check === "privileges");

    for (const name of names) expect(lacking.map(({ message }) => message).join("\n")).toContain(`needs ${name}`);
    expect(mended.map(({ level }) => level)).toEqual(["ok"]);
  });

  it.runIf(isRequired)("the collector says the same, and the features that do not need it go on", async () => {
    const { simulator, token } = await aCluster("9.2");
    simulator.state.access.defineRole(
      role,
      privileges.filter((each) => each !== privilege),
    );
    const polled = await aPoller(simulator, token);
    for (let round = 0; round < 3; round++) await polled.poll(30_000);

    const open = polled.fleet.problems().filter(({ clearedAt }) => clearedAt === null);
    const said = open.find(({ code }) => code === "privilege_missing");
    for (const name of names) expect(said?.message).toContain(name);
    // What is refused outright is named as well; nothing else is amiss.
    const refused = open.filter((problem) => problem !== said);
    expect(refused.filter(({ code, message }) => code !== "call_forbidden" || !message.includes(privilege))).toEqual(
      [],
    );
    const values = (kind: (typeof kinds)[number]): boolean =>
      polled.fleet.list(kind).some(({ values: measured }) => Object.keys(measured).length > 0);
    expect(Object.fromEntries(kinds.map((kind) => [kind, values(kind)]))).toEqual({
      node: privilege !== "Sys.Audit",
      guest: privilege !== "VM.Audit",
      storage: privilege !== "Datastore.Audit",
    });
  });
});

describe("an entry of one guest", () => {
  it("that takes VM.Audit away is named with the guest, and the others go on", async () => {
    const { simulator, token } = await aCluster("9.2");
    const { access, guests } = simulator.state;
    // The roles on a pool would count for its guests, too.
    const vmid = [...guests.values()].find(({ pool }) => pool === undefined)?.vmid ?? 0;
    access.defineRole("Blind", ["VM.PowerMgmt"]);
    for (const principal of ["pilothouse@pve", token.tokenId]) {
      access.grant({ path: `/vms/${vmid}`, principal, role: "Blind", propagate: true });
    }

    const polled = await aPoller(simulator, token);
    await polled.poll();
    const checks = await doctor(configFor(simulator, token));

    const finding = checks.find(({ check, level }) => check === "privileges" && level === "warn");
    expect(finding?.message).toContain(`needs VM.Audit on /vms/${vmid}`);
    expect(polled.fleet.problems()[0]?.message).toContain(`VM.Audit on /vms/${vmid}`);
    expect(polled.fleet.list("guest")).toHaveLength(guests.size - 1);
  });
});
