// Availability of the guests that should run, the error budget, and how outages go.

import { outagesOf } from "../usage/availability.ts";
import { sumOfHours } from "../usage/hour-statistics.ts";
import { daysOf, type Measures, ofNow, ofWindow } from "./given.ts";

export const availabilityMeasures: Measures = (given) => {
  const { scope, availability, settings, usage } = given;
  const watched = scope.guests.flatMap(({ entity }) => availability.get(entity.id) ?? []);
  const ids = ["availability", "error_budget", "mttr", "mtbf"];
  if (watched.length === 0) {
    return ids.map((id) => ofNow(id, {}, "no guest should run by HA, start at boot or tag"));
  }
  const totals = { up: 0, down: 0, maintenance: 0, failures: 0, ended: 0, endedHours: 0 };
  for (const guest of watched) {
    const outages = outagesOf(guest);
    totals.up += sumOfHours(guest.up);
    totals.down += sumOfHours(guest.down);
    totals.maintenance += guest.maintenance;
    totals.failures += outages.failures;
    totals.ended += outages.ended;
    totals.endedHours += outages.endedHours;
  }
  const whole = watched.length * usage.range.count - totals.maintenance;
  const coverage = whole <= 0 ? 0 : Math.min(1, (totals.up + totals.down) / whole);
  const window = { coverage, days: daysOf(given) };
  const hours = { up_hours: totals.up, down_hours: totals.down };
  return [
    ofWindow("availability", hours, window),
    ofWindow("error_budget", { ...hours, target: settings.availabilityTarget }, window),
    ofWindow("mttr", { outage_hours: totals.endedHours, outages: totals.ended }, window, noOutage(totals.ended)),
    ofWindow("mtbf", { up_hours: totals.up, failures: totals.failures }, window, noOutage(totals.failures)),
  ];
};

const noOutage = (count: number): string | null => (count === 0 ? "no outage in the window" : null);
