// The variables at the top of the dashboards, each filled from the data source itself.
import { QueryVariableBuilder, VariableRefresh, VariableSort } from "@grafana/grafana-foundation-sdk/dashboard";
import { dataSource } from "./influx-query.ts";
import { byCluster } from "./influxql.ts";

interface VariableSpec {
  readonly name: "cluster" | "node" | "guest";
  readonly label: string;
  readonly query: string;
  /** Several at once, and all of them. */
  readonly many: boolean;
}

const clusters = `SHOW TAG VALUES FROM "pve_node" WITH KEY = "cluster"`;
const nodes = `SHOW TAG VALUES FROM "pve_node" WITH KEY = "node" WHERE ${byCluster}`;
const guests = `SHOW TAG VALUES FROM "pve_guest" WITH KEY = "vmid" WHERE ${byCluster}`;

const specs = {
  clusters: { name: "cluster", label: "Cluster", query: clusters, many: true },
  cluster: { name: "cluster", label: "Cluster", query: clusters, many: false },
  nodes: { name: "node", label: "Node", query: nodes, many: true },
  node: { name: "node", label: "Node", query: nodes, many: false },
  guest: { name: "guest", label: "Guest (vmid)", query: guests, many: false },
} as const satisfies Readonly<Record<string, VariableSpec>>;

export type VariableName = keyof typeof specs;

export function variableOf(name: VariableName): QueryVariableBuilder {
  const { label, query, many, ...spec } = specs[name];
  const builder = new QueryVariableBuilder(spec.name)
    .label(label)
    .datasource(dataSource)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(name === "guest" ? VariableSort.NumericalAsc : VariableSort.AlphabeticalAsc)
    .multi(many)
    .includeAll(many);
  // Not the list of all: a pattern of thousands of names would be sent with every query.
  return many ? builder.allValue(".*").current({ text: "All", value: "$__all", selected: true }) : builder;
}
