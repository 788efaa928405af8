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

export function costMetrics(costs: readonly CollectorCost[]): string {
  const lines = counters.flatMap(({ name, help, value }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} counter`,
    ...costs.map((cost) => `${name}{cluster="${cost.cluster}"} ${value(cost)}`),
  ]);
  const dropped = "pilothouse_dropped_values_total";
  const drops = costs.flatMap((cost) =>
    Object.entries(cost.droppedValues).map(
      ([reason, count]) => `${dropped}{cluster="${cost.cluster}",reason="${reason}"} ${count}`,
    ),
  );
  return `${[...lines, `# HELP ${dropped} Values that were not kept, by reason.`, `# TYPE ${dropped} counter`, ...drops].join("\n")}\n`;
}
