// One query of a panel to an InfluxDB data source in InfluxQL, which the SDK has no builder for.
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";

/** The variable that every dashboard chooses its data source with. */
export const dataSource = { type: "influxdb", uid: "$datasource" } as const;

export interface QuerySpec {
  readonly refId: string;
  readonly query: string;
  /** Name of a line; `$tag_node` is the value of a tag. Of graphs and stats only. */
  readonly alias?: string;
  readonly format?: "time_series" | "table";
}

/** A query as Grafana's InfluxDB data source keeps it. */
export interface InfluxQuery extends Dataquery {
  readonly datasource: typeof dataSource;
  readonly refId: string;
  readonly rawQuery: true;
  readonly query: string;
  readonly resultFormat: "time_series" | "table";
  readonly alias?: string;
}

export function influxQuery({ refId, query, alias, format = "time_series" }: QuerySpec): Builder<Dataquery> {
  const built = {
    datasource: dataSource,
    refId,
    rawQuery: true as const,
    query,
    resultFormat: format,
    ...(alias === undefined ? {} : { alias }),
  };
  return { build: () => built as unknown as InfluxQuery };
}
