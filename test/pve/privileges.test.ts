// The table of features and their privileges, against Proxmox VE's own schemas and by itself.
import { describe, expect, it } from "vitest";
import { readPermissions } from "../../src/pve/calls/access.ts";
import { features, needsIn, privilegesOf, rootOf } from "../../src/pve/features.ts";
import { checkPrivileges, grantLines, nameOf, pveumLines } from "../../src/pve/privileges.ts";
import type { Release } from "../../src/simulator/index.ts";
import { hasShared, readSchema } from "../simulator/schema.ts";

const everywhere = (privileges: Record<string, number>): Record<string, Record<string, number>> =>
  Object.fromEntries(["/", "/access", "/nodes", "/pool", "/storage", "/vms"].map((path) => [path, privileges]));
const all = { "Sys.Audit": 1, "VM.Audit": 1, "Datastore.Audit": 1, "Pool.Audit": 1, "VM.GuestAgent.Audit": 1 };
const missing = (permissions: unknown, release = "9.2"): readonly string[] =>
  checkPrivileges(readPermissions(permissions), release)
    .filter(({ held, needed }) => !held && needed === "required")
    .map(nameOf);

if (!hasShared) console.info("the API schemas are not beside the checkout: the table of privileges is not compared");

describe.runIf(hasShared).each(["8.4", "9.1", "9.2"] as const)("the schema of %s", (release: Release) => {
  const schema = hasShared ? readSchema(release) : new Map<string, never>();
  const major = Number.parseInt(release, 10);

  it.each(features.map((feature) => [feature.id, feature] as const))(
    "knows every call of %s and asks for no other privilege than the table",
    (_, { calls, needs }) => {
      const declared = needsIn(needs, major).map(({ privilege, path }) => `${privilege} ${path}`);
      // What a release has no privilege for, it is not asked for.
      if (declared.length === 0) return;
      for (const call of calls) {
        const info = schema.get(call);
        expect(info, call).toBeDefined();
        const check = info?.permissions?.check;
        if (check === undefined) continue;
        // Of alternatives the first is the narrower one that the table has.
        const one = (check[0] === "or" ? check[1] : check) as readonly unknown[];
        expect(one[0], call).toBe("perm");
        const [, path, privileges, kind] = one as [string, string, string[], string?];
        const asked = privileges.map((privilege) => `${privilege} ${path}`);
        if (kind === "any")
          expect(
            asked.filter((each) => declared.includes(each)),
            call,
          ).not.toEqual([]);
        else expect(declared, call).toEqual(expect.arrayContaining(asked));
      }
    },
  );
});

describe("the check of privileges", () => {
  it("finds all of them held on / and on what is below", () => {
    expect(missing(everywhere(all))).toEqual([]);
  });

  it.each([
    ["Sys.Audit", ["Sys.Audit on /", "Sys.Audit on /nodes"]],
    ["VM.Audit", ["VM.Audit on /vms"]],
    ["Datastore.Audit", ["Datastore.Audit on /storage"]],
    ["Pool.Audit", ["Pool.Audit on /pool"]],
  ])("names what is missing without %s, and where", (privilege, expected) => {
    const others = Object.fromEntries(Object.entries(all).filter(([name]) => name !== privilege));

    expect(missing(everywhere(others))).toEqual(expected);
  });

  it("is content with a right on the folder of things that need it", () => {
    const withoutGuests = { ...all, "VM.Audit": undefined };
    const permissions = { ...everywhere(all), "/": withoutGuests };

    expect(missing(JSON.parse(JSON.stringify(permissions)))).toEqual([]);
  });

  it("names the one guest, node or storage whose own entry takes a right away", () => {
    const permissions = { ...everywhere(all), "/vms/101": { "VM.PowerMgmt": 1 }, "/nodes/pve2": { "VM.Audit": 1 } };

    const checks = checkPrivileges(readPermissions(permissions), "9.2").filter(({ held }) => !held);

    expect(checks.map((check) => [nameOf(check), check.concernsAll, check.features])).toEqual([
      ["Sys.Audit on /nodes/pve2", false, expect.arrayContaining(["nodes"])],
      ["VM.Audit on /vms/101", false, expect.arrayContaining(["guests"])],
      ["VM.GuestAgent.Audit on /vms/101", false, ["agent"]],
    ]);
  });

  it("takes a folder that is not listed for one without rights, because PVE lists all where there are any", () => {
    const { "/vms": _, ...others } = everywhere(all);

    expect(missing(others)).toEqual(["VM.Audit on /vms"]);
  });

  it("of a token without any rights finds all missing, however Perl writes nothing", () => {
    for (const nothing of [{}, []]) {
      expect(checkPrivileges(readPermissions(nothing), "8.4").every(({ held }) => !held)).toBe(true);
    }
  });

  it("says where else a right is held", () => {
    const permissions = { "/": { "Sys.Audit": 1, "VM.Audit": 0 }, "/vms/100": { "Datastore.Audit": 1 } };

    const found = checkPrivileges(readPermissions(permissions), "9.2").find(
      ({ privilege }) => privilege === "Datastore.Audit",
    );

    expect(found).toMatchObject({ held: false, heldOn: ["/vms/100"] });
  });
});

describe("the lines for pveum", () => {
  const account = { user: "pilothouse@pve", tokenName: "pilothouse", role: "PilothouseObserver" };

  it.each(["8.4", "9.2"])("on %s make a role of exactly what the features need there", (release) => {
    const privileges = privilegesOf(Number.parseInt(release, 10)).join(" ");

    expect(pveumLines({ ...account, release })).toEqual([
      `pveum role add PilothouseObserver --privs "${privileges}"`,
      'pveum user add pilothouse@pve --comment "Pilothouse, read only"',
      "pveum acl modify / --users pilothouse@pve --roles PilothouseObserver --propagate 1",
      "pveum user token add pilothouse@pve pilothouse --privsep 1",
      "pveum acl modify / --tokens 'pilothouse@pve!pilothouse' --roles PilothouseObserver --propagate 1",
    ]);
  });

  it("that mend what is missing name the user and the token", () => {
    const lacking = checkPrivileges(readPermissions(everywhere({ ...all, "VM.Audit": 0 })), "9.2");
    const guests = lacking.filter(({ privilege, held }) => privilege === "VM.Audit" && !held);

    expect(grantLines("pilothouse@pve!pilothouse", "Observer", guests)).toEqual([
      'pveum role modify Observer --append --privs "VM.Audit"',
      "pveum acl modify / --users pilothouse@pve --tokens 'pilothouse@pve!pilothouse' --roles Observer --propagate 1",
    ]);
  });
});

describe("the table", () => {
  it("has every feature once, with a sentence on what is missing without it", () => {
    expect(new Set(features.map(({ id }) => id)).size).toBe(features.length);
    for (const { without, needs, calls } of features) {
      expect(without).toMatch(/^[A-Z].*\.$/);
      expect(needs.length).toBeGreaterThan(0);
      expect(calls.length).toBeGreaterThan(0);
    }
  });

  it("writes paths as the schema does", () => {
    expect(["/", "/nodes/{node}", "/vms/{vmid}"].map(rootOf)).toEqual(["/", "/nodes", "/vms"]);
  });
});
