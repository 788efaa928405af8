import { describe, expect, it } from "vitest";
import { complaints, load } from "./a-config.ts";

const config = (analysis: object): string => JSON.stringify({ clusters: [], analysis });
const noClusters = { needsClusters: false };

describe("the section analysis", () => {
  it("has sensible defaults, and the zone of the machine", () => {
    expect(load(config({}), noClusters).settings.analysis).toEqual({
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      businessHours: { days: ["mon", "tue", "wed", "thu", "fri"], fromMinute: 480, toMinute: 1080 },
      maintenance: [],
      reserveNodes: 1,
      availabilityTarget: 0.999,
      backupMaxAgeMs: 26 * 3_600_000,
    });
  });

  it("takes business hours, maintenance and the reserve", () => {
    const { analysis } = load(
      config({
        time_zone: "Europe/Vienna",
        business_hours: { days: ["sat"], from: "22:00", to: "02:30" },
        maintenance: [{ days: ["sun"], from: "03:00", to: "24:00" }],
        reserve_nodes: 2,
      }),
      noClusters,
    ).settings;

    expect(analysis).toMatchObject({
      timeZone: "Europe/Vienna",
      businessHours: { days: ["sat"], fromMinute: 1320, toMinute: 150 },
      maintenance: [{ days: ["sun"], fromMinute: 180, toMinute: 1440 }],
      reserveNodes: 2,
    });
  });

  it.each([
    [{ time_zone: "Vienna" }, /time_zone; expected a time zone such as "Europe\/Vienna"/],
    [{ business_hours: { from: "8 o'clock" } }, /business_hours\.from; expected a time of day/],
    [{ business_hours: { from: "25:00" } }, /business_hours\.from; expected a time of day/],
    [{ business_hours: { days: ["monday"] } }, /business_hours\.days\[0\]; expected a list of mon, tue/],
    [{ reserve_nodes: -1 }, /reserve_nodes; expected a whole number from 0 to 16/],
    [{ availability_target: 100 }, /availability_target; expected a number from 0\.5 to 0\.99999/],
    [{ backup_max_age: "soon" }, /backup_max_age; expected a duration/],
  ])("says in one sentence what is wrong with %j", (analysis, expected) => {
    const said = complaints(config(analysis), noClusters);

    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(expected);
  });
});
