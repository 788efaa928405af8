// Which release can do what, and which rights are needed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capabilitiesOf, compareVersions, PveTooOldError, requireSupported } from "../../src/pve/index.ts";

describe("versions", () => {
  it("compare as numbers, and betas come before their release", () => {
    const sorted = [
      "7.4-19",
      "8.0",
      "8.2.4",
      "8.2.5",
      "8.2.11",
      "8.10",
      "9.0~beta1",
      "9.0~beta2",
      "9.0",
      "9.0.8",
      "9.2.11",
    ];

    for (const [index, version] of sorted.entries()) {
      for (const [other, another] of sorted.entries()) {
        expect(Math.sign(compareVersions(version, another)), `${version} ${another}`).toBe(Math.sign(index - other));
      }
    }
    expect(compareVersions("9.0", "9.0.0")).toBe(0);
    expect(compareVersions("9.1.5-1", "9.1.5")).toBe(0);
  });

  it("are ordered: turned round, the answer turns round", () => {
    const version = fc.stringMatching(/^\d{1,2}(\.\d{1,2}){0,2}(~beta\d)?$/);
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
      }),
    );
  });

  it.each([
    ["8.0.3", { metricsExport: false, exportNodeList: false, exportIowait: false, memhost: false }],
    ["8.2.4", { metricsExport: false }],
    ["8.2.5", { metricsExport: true, exportIowait: false }],
    [
      "8.3.4",
      { metricsExport: true, exportIowait: true, exportNodeList: false, pressure: false, guestAgentPrivilege: null },
    ],
    ["9.0~beta1", { memhost: true, pressure: true, exportNodeList: false, guestAgentPrivilege: "VM.GuestAgent.Audit" }],
    ["9.0.8", { exportNodeList: true }],
    [
      "9.2.11",
      { metricsExport: true, exportNodeList: true, exportIowait: true, memhost: true, pressure: true, major: 9 },
    ],
  ])("%s can do what it can", (version, expected) => {
    expect(capabilitiesOf(version)).toMatchObject(expected);
  });

  it("have the RRD timeframes that are worth importing", () => {
    const names = (version: string) => {
      const { rrdOfNodes, rrdOfOthers } = capabilitiesOf(version);
      return [rrdOfNodes, rrdOfOthers].map((timeframes) => timeframes.map(({ name }) => name).join(" "));
    };

    expect(names("8.4.1")).toEqual(["hour day week month year", "hour day week month year"]);
    expect(names("9.2.11")).toEqual(["day month year decade", "day month year"]);
  });

  it("before 8.0 are refused in one sentence", () => {
    expect(() => requireSupported("7.4-19", "https://pve1:8006")).toThrow(PveTooOldError);
    expect(() => requireSupported("7.4", "https://pve1:8006")).toThrow(
      "PVE 7.4 at https://pve1:8006 is too old: Pilothouse needs 8.0 or newer; upgrade the node.",
    );
    expect(() => requireSupported("8.0~beta1", "https://pve1:8006")).not.toThrow();
  });
});
