// Key figures of what ran when it should have.
import { type Kpi, ratio, sum, worst } from "./kpi.ts";

export const serviceKpis: readonly Kpi[] = [
  {
    id: "availability",
    title: "Availability",
    unit: "ratio",
    summary:
      "Share of the known time in which guests that should run did run. Unknown time and planned maintenance are left out.",
    formula: "up_hours / (up_hours + down_hours)",
    inputs: {
      up_hours: sum("Hours in which guests that should run ran"),
      down_hours: sum("Hours in which they did not, or their node was lost"),
    },
    better: "higher",
    target: { min: 0.999, max: null },
    scopes: "all",
    series: { metric: "availability_ratio", per: null },
    value: ({ up_hours: up = 0, down_hours: down = 0 }) => ratio(up, up + down),
    example: {
      inputs: { up_hours: 71_910, down_hours: 30 },
      value: 71_910 / 71_940,
      words: "100 guests, 720 hours, 60 of them unknown: 71,910 / 71,940 = 99.958 %.",
    },
  },
  {
    id: "error_budget",
    title: "Error budget left",
    unit: "ratio",
    summary: "How much of the downtime that the target allows is left; negative when it is overdrawn.",
    formula: "1 − down_hours / ((1 − target) × (up_hours + down_hours))",
    inputs: {
      up_hours: sum("As for availability"),
      down_hours: sum("As for availability"),
      target: worst("`analysis.availability_target` of the configuration"),
    },
    better: "higher",
    target: { min: 0, max: null },
    scopes: "all",
    series: null,
    value: ({ up_hours: up = 0, down_hours: down = 0, target = 1 }) => {
      const spent = ratio(down, (1 - target) * (up + down));
      return spent === null ? null : 1 - spent;
    },
    example: {
      inputs: { up_hours: 71_910, down_hours: 30, target: 0.999 },
      value: 1 - 30 / 71.94,
      words: "99.9 % of 71,940 hours allows 71.94 hours of downtime; 30 are spent, 58.3 % are left.",
    },
  },
  {
    id: "mttr",
    title: "Mean time to repair",
    unit: "hours",
    summary: "Mean length of the outages that ended in the window.",
    formula: "outage_hours / outages",
    inputs: {
      outage_hours: sum("Length of the outages that ended"),
      outages: sum("Outages of guests that ended"),
    },
    better: "lower",
    target: null,
    scopes: "all",
    series: null,
    value: ({ outage_hours: hours, outages }) => ratio(hours, outages),
    example: { inputs: { outage_hours: 6, outages: 4 }, value: 1.5, words: "Four outages of six hours together." },
  },
  {
    id: "mtbf",
    title: "Mean time between failures",
    unit: "hours",
    summary: "Hours that guests ran for each outage that began.",
    formula: "up_hours / failures",
    inputs: { up_hours: sum("As for availability"), failures: sum("Outages that began in the window") },
    better: "higher",
    target: null,
    scopes: "all",
    series: null,
    value: ({ up_hours: up, failures }) => ratio(up, failures),
    example: {
      inputs: { up_hours: 71_910, failures: 4 },
      value: 17_977.5,
      words: "71,910 hours of running, four outages.",
    },
  },
];
