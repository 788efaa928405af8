// What collecting costs, in Prometheus text format: the part of /metrics that only the collector knows.
import type { CollectorCost } from "../model/collector.ts";

interface Line {
  readonly name: string;
  readonly help: string;
  readonly value: (cost: CollectorCost) => number;
}

const counters: readonly Line[] = [
  { name: "pilothouse_pve_requests_total", help: "Requests sent to Proxmox VE.", value: (cost) => cost.requests },
  {
    name: "pilothouse_pve_failed_requests_total",
    help: "Requests to Proxmox VE without a usable answer.",
    value: (cost) => cost.failedRequests,
  },
  {
    name: "pilothouse_pve_received_bytes_total",
    help: "Bytes of answers from Proxmox VE on the wire.",
    value: (cost) => cost.receivedBytes,
  },
  { name: "pilothouse_polls_total", help: "Polls made.", value: (cost) => cost.polls },
  {
    name: "pilothouse_skipped_polls_total",
    help: "Questions left out because the last one was still unanswered.",
    value: (cost) => cost.skippedPolls,
  },
  { name: "pilothouse_collected_rows_total", help: "Rows collected by polls.", value: (cost) => cost.rows },
];

const gauges: readonly Line[] = [
  { name: "pilothouse_poll_period_seconds", help: "Poll period kept now.", value: (cost) => cost.periodS },
  {
    name: "pilothouse_pve_requests_per_second_peak",
    help: "Most requests to Proxmox VE that began within one second, since the start.",
    value: (cost) => cost.budget.peakPerSecond,
  },
  {
    name: "pilothouse_pve_in_flight_peak",
    help: "Most requests to the cluster at the same time, since the start.",
    value: (cost) => cost.budget.peakInFlight,
  },
  {
    name: "pilothouse_pve_in_flight_per_node_peak",
    help: "Most requests to one node at the same time, since the start.",
    value: (cost) => cost.budget.peakInFlightPerNode,
  },
];

const priorities = ["interactive", "poll", "background"] as const;

function priorityLines(costs: readonly CollectorCost[]): string[] {
  const line = (
    name: string,
    help: string,
    value: (cost: CollectorCost, of: (typeof priorities)[number]) => number,
  ) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} counter`,
    ...costs.flatMap((cost) =>
      priorities.map(
        (priority) => `${name}{cluster="${cost.cluster}",priority="${priority}"} ${value(cost, priority)}`,
      ),
    ),
  ];
  return [
    ...line(
      "pilothouse_pve_queued_requests_total",
      "Requests that went through our own queue, by who waits for them.",
      ({ budget }, priority) => budget.byPriority[priority].requests,
    ),
    ...line(
      "pilothouse_pve_queue_wait_seconds_total",
      "Time that they waited there.",
      ({ budget }, priority) => budget.byPriority[priority].waitedMs / 1000,
    ),
  ];
}

export function costMetrics(costs: readonly CollectorCost[]): string {
  const typed = [
    ...counters.map((line) => ({ ...line, type: "counter" })),
    ...gauges.map((line) => ({ ...line, type: "gauge" })),
  ];
  const lines = typed.flatMap(({ name, help, value, type }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...costs.map((cost) => `${name}{cluster="${cost.cluster}"} ${value(cost)}`),
  ]);
  const dropped = "pilothouse_dropped_values_total";
  const drops = costs.flatMap((cost) =>
    Object.entries(cost.droppedValues).map(
      ([reason, count]) => `${dropped}{cluster="${cost.cluster}",reason="${reason}"} ${count}`,
    ),
  );
  return `${[...lines, ...priorityLines(costs), `# HELP ${dropped} Values that were not kept, by reason.`, `# TYPE ${dropped} counter`, ...drops].join("\n")}\n`;
}
