import { describe, expect, it } from "vitest";
import { releaseNotes } from "../../src/collect/release-notes.ts";
import { capabilitiesOf } from "../../src/pve/index.ts";

describe("what a release cannot give", () => {
  it("is nothing from 9 on", () => {
    expect(releaseNotes(capabilitiesOf("9.2.1"))).toEqual([]);
  });

  it("is said for 8: how coarse the history is, and which figures are missing", () => {
    const notes = releaseNotes(capabilitiesOf("8.4.1")).join("\n");

    expect(notes).toContain("30-minute averages of the last 35 hours, 3-hour averages of the last 8 days");
    expect(notes).toContain("pressure (PSI)");
    expect(notes).not.toContain("10-second samples");
    expect(releaseNotes(capabilitiesOf("8.1.0"))[0]).toContain("10-second samples");
  });
});
