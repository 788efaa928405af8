// Every reader on every release that we hold schemas of, with all rights and the agent allowed.
import { describe, expect, it } from "vitest";
import { factReaders } from "../../../src/collect/facts/index.ts";
import { capabilitiesOf } from "../../../src/pve/index.ts";
import { startSimulator } from "../../../src/simulator/index.ts";
import { checkRequest } from "../../pve/schema-oracle.ts";
import { readSimulated, spreadMs } from "./read-simulated.ts";

/** Calls that the simulator does not have; readers of them are tested on answers alone. */
const notSimulated = ["thin_pools"];

describe("a simulated cluster of release", () => {
  it.each(["8.4", "9.1", "9.2"] as const)(
    "%s is read by every reader that it has answers for, with requests of its schema",
    async (release) => {
      const on = await startSimulator({ nodes: 5, guests: 24, speed: 0, unauthorizedDelayMs: 0, release });
      const common = ["VM.Backup", "Datastore.AllocateSpace", "Sys.Syslog"];
      const more = release === "8.4" ? common : [...common, "VM.GuestAgent.FileRead"];
      on.state.access.defineRole("More", more);
      const roles = [{ role: "PVEAuditor" }, { role: "More" }];
      const { tokenId, tokenSecret } = on.state.access.createToken({ token: "facts", roles });
      const read = await readSimulated({ on, token: { id: tokenId, secret: tokenSecret }, agent: true });
      const capabilities = capabilitiesOf(release);
      const expected = factReaders
        .filter(({ releases, name }) => releases?.(capabilities) !== false && !notSimulated.includes(name))
        .map(({ name }) => name);
      const answered = (): readonly string[] => [
        ...new Set(read.readings.filter(({ error }) => error === null).map(({ reader }) => reader)),
      ];
      await read.pass(spreadMs);
      for (let turn = 0; turn < 60 && answered().length < expected.length; turn++) await read.pass(1_000);

      expect([...answered()].sort()).toEqual([...expected].sort());
      const failed = read.readings.filter(({ error, reader }) => error !== null && !notSimulated.includes(reader));
      expect(failed.filter(({ reader }) => reader !== "agent")).toEqual([]);
      expect(read.requests.flatMap((request) => checkRequest(release, request))).toEqual([]);
      expect(JSON.stringify(read.readings)).not.toMatch(/pve\d[a-z]-[0-9a-f]{10}/i);
      await read.stop();
    },
    90_000,
  );
});
