// Key figures of how far the others can be trusted.
import { type Kpi, ratio, sum, worst } from "./kpi.ts";

export const trustKpis: readonly Kpi[] = [
  {
    id: "data_coverage",
    title: "Data coverage",
    unit: "ratio",
    summary: "Share of the window for which the nodes' samples are there.",
    formula: "known_node_hours / node_hours",
    inputs: {
      known_node_hours: sum("Hours that samples of nodes stand for"),
      node_hours: sum("Nodes × hours of the window"),
    },
    better: "higher",
    target: { min: 0.95, max: null },
    scopes: "cluster",
    series: { metric: "coverage_ratio", per: null },
    value: ({ known_node_hours: known, node_hours: all }) => ratio(known, all),
    example: {
      inputs: { known_node_hours: 4_104, node_hours: 4_320 },
      value: 0.95,
      words: "Six nodes, 720 hours; 36 hours of each are missing.",
    },
  },
  {
    id: "backfilled",
    title: "Backfilled data",
    unit: "ratio",
    summary: "Share of the known time that is known only as averages of Proxmox VE's own history.",
    formula: "averaged_node_hours / known_node_hours",
    inputs: {
      averaged_node_hours: sum("Hours known as averages over minutes or half hours"),
      known_node_hours: sum("As for data coverage"),
    },
    better: "lower",
    target: null,
    scopes: "cluster",
    series: null,
    value: ({ averaged_node_hours: averaged, known_node_hours: known }) => ratio(averaged, known),
    example: {
      inputs: { averaged_node_hours: 2_052, known_node_hours: 4_104 },
      value: 0.5,
      words: "The first half of the window was imported.",
    },
  },
  {
    id: "staleness",
    title: "Age of data",
    unit: "seconds",
    summary:
      "95th percentile of the age of the newest sample of the nodes, over the last day. Of the fleet: the oldest.",
    formula: "95th percentile (nearest rank) of the 5-minute maxima of age_seconds",
    inputs: { staleness_p95_seconds: worst("The percentile itself") },
    better: "lower",
    target: { min: null, max: 60 },
    scopes: "cluster",
    series: null,
    value: ({ staleness_p95_seconds: age }) => age ?? null,
    example: {
      inputs: { staleness_p95_seconds: 21 },
      value: 21,
      words: "In 19 of 20 stretches nothing was older than 21 s.",
    },
  },
  {
    id: "unknown_memory",
    title: "Memory not measurable",
    unit: "ratio",
    summary:
      "Running guests of which no memory figure without their cache is known: what they need cannot be told from it.",
    formula: "guests_without_figure / running_guests",
    inputs: {
      guests_without_figure: sum("Running VMs whose guest agent does not tell of the memory inside"),
      running_guests: sum("Running guests"),
    },
    better: "lower",
    target: { min: null, max: 0.1 },
    scopes: "all",
    series: null,
    value: ({ guests_without_figure: unknown, running_guests: all }) => ratio(unknown, all),
    example: {
      inputs: { guests_without_figure: 30, running_guests: 100 },
      value: 0.3,
      words: "Thirty of a hundred guests are VMs without a guest agent that tells.",
    },
  },
];
