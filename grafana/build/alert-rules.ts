// Alert rules as Grafana's provisioning reads them: a query of one of our data sources, its newest value, a threshold.
import { stringify } from "yaml";
import type { EntityKind } from "../../src/model/ids.ts";
import { measurementOf } from "../../src/model/influx-schema.ts";

interface Rule {
  readonly uid: string;
  readonly title: string;
  readonly kind: EntityKind;
  readonly value: string;
  readonly by: string;
  readonly is: "gt" | "lt";
  readonly limit: number;
  readonly for: string;
  readonly severity: "warning" | "critical";
  readonly summary: string;
  readonly description: string;
  /** What to think when there is no sample at all. */
  readonly noData: "OK" | "Alerting";
}

/** As Grafana's labels are written in texts. */
const label = (name: string): string => `{{ $labels.${name} }}`;
const byNode = `"cluster", "node"`;

const rules: readonly Rule[] = [
  {
    uid: "pilothouse-quorum",
    title: "A cluster has lost quorum",
    kind: "cluster",
    value: `last("quorate")`,
    by: `"cluster"`,
    is: "lt",
    limit: 1,
    for: "1m",
    severity: "critical",
    summary: `Cluster ${label("cluster")} has no quorum`,
    description: "Nothing can be started or changed in it. Look for nodes that are off or cut off from the network.",
    noData: "OK",
  },
  {
    uid: "pilothouse-nodes-offline",
    title: "A node is offline",
    kind: "cluster",
    value: `last("nodes_online") / last("nodes_total")`,
    by: `"cluster"`,
    is: "lt",
    limit: 1,
    for: "3m",
    severity: "critical",
    summary: `Not all nodes of cluster ${label("cluster")} are online`,
    description: "Nodes online / nodes configured is below 1.",
    noData: "Alerting",
  },
  {
    uid: "pilothouse-target-down",
    title: "A node does not answer Pilothouse",
    kind: "target",
    value: `mean("up")`,
    by: byNode,
    is: "lt",
    limit: 0.5,
    for: "5m",
    severity: "warning",
    summary: `${label("node")} of cluster ${label("cluster")} answers less than half of the polls`,
    description: "Its samples are missing or late. `pilothouse doctor` says what is wrong with the connection.",
    noData: "Alerting",
  },
  {
    uid: "pilothouse-node-memory",
    title: "Memory of a node runs out",
    kind: "node",
    value: `mean("mem_used_bytes") / mean("mem_total_bytes")`,
    by: byNode,
    is: "gt",
    limit: 0.92,
    for: "15m",
    severity: "warning",
    summary: `Node ${label("node")} of cluster ${label("cluster")} has less than 8 % of its memory left`,
    description: "Mean used / mean total over 10 minutes. With ZFS the ARC counts as used, and gives way.",
    noData: "OK",
  },
  {
    uid: "pilothouse-storage-full",
    title: "A storage is nearly full",
    kind: "storage",
    value: `last("used_bytes") / last("total_bytes")`,
    by: `"cluster", "node", "storage"`,
    is: "gt",
    limit: 0.9,
    for: "15m",
    severity: "warning",
    summary: `Storage ${label("storage")} of cluster ${label("cluster")} is more than 90 % full`,
    description: "Newest used / size.",
    noData: "OK",
  },
];

/** What a rule asks; Grafana fills in the time. */
export const alertQueries: readonly { readonly title: string; readonly query: string }[] = rules.map(
  ({ title, value, kind, by }) => ({
    title,
    query: `SELECT ${value} AS "value" FROM "${measurementOf(kind)}" WHERE $timeFilter GROUP BY ${by}`,
  }),
);

const range = { from: 600, to: 0 } as const;

function ruleOf(rule: Rule, index: number) {
  return {
    uid: rule.uid,
    title: rule.title,
    condition: "C",
    for: rule.for,
    noDataState: rule.noData,
    execErrState: "Error",
    labels: { severity: rule.severity },
    annotations: { summary: rule.summary, description: rule.description },
    data: [
      {
        refId: "A",
        relativeTimeRange: range,
        datasourceUid: "pilothouse",
        model: { refId: "A", rawQuery: true, query: alertQueries[index]?.query, resultFormat: "time_series" },
      },
      expression("B", { type: "reduce", expression: "A", reducer: "last" }),
      expression("C", {
        type: "threshold",
        expression: "B",
        conditions: [{ evaluator: { type: rule.is, params: [rule.limit] } }],
      }),
    ],
  };
}

const expression = (refId: string, model: object) => ({
  refId,
  relativeTimeRange: range,
  datasourceUid: "__expr__",
  model: { refId, ...model },
});

/** The file grafana/provisioning/alerting/rules.yaml. */
export const alertRulesFile = (): string =>
  `# Written by \`npm run dashboards\` from grafana/build/alert-rules.ts.\n${stringify(
    {
      apiVersion: 1,
      groups: [{ orgId: 1, name: "Pilothouse", folder: "Pilothouse", interval: "1m", rules: rules.map(ruleOf) }],
    },
    { aliasDuplicateObjects: false, lineWidth: 0 },
  )}`;
