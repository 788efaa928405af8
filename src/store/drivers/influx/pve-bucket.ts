// Reads a bucket that Proxmox VE's own metric server has filled: measurements system, cpustat, memory and blockstat. Years
// of ten-second points are made into averages and maxima of minutes or hours by the server, as PVE's own history has them.
import type { EntityKind } from "../../../model/ids.ts";
import { findMetric, type MetricId } from "../../../model/metrics.ts";
import { type PveFields, pveGuestFields, pveNodeFields, pveStorageFields } from "../../../model/pve-metric-server.ts";
import { type InfluxOptions, influxOptionsOf } from "./influx-options.ts";
import { type InfluxSeries, InfluxServer } from "./influx-server.ts";
import { quotedIdentifier, quotedText } from "./influxql.ts";

/** The width of one window, of one thing. Metrics that had no value are missing. */
export interface PveBucketRow {
  readonly kind: Extract<EntityKind, "node" | "guest" | "storage">;
  /** Node name, vmid or storage. */
  readonly name: string;
  /** Of a storage: the node that told of it. */
  readonly node: string | null;
  /** End of the window, in milliseconds, as PVE's history gives it. */
  readonly endMs: number;
  readonly averages: Readonly<Record<MetricId, number>>;
  readonly maxima: Readonly<Record<MetricId, number>>;
}

interface Source {
  readonly kind: PveBucketRow["kind"];
  readonly measurement: string;
  readonly objects: readonly string[];
  /** The tag that names the thing, and the one that names its node. */
  readonly nameTag: string;
  readonly nodeTag: string;
  readonly fields: PveFields;
}

const ofNodes = { kind: "node", objects: ["nodes"], nameTag: "host", nodeTag: "host" } as const;

/** Counters become rates: the past is kept as averages. */
const rated = (fields: PveFields): PveFields =>
  Object.fromEntries(
    Object.entries(fields).map(([field, metric]) => [field, metric.replace(/_total$/, "_per_second")]),
  );

const sources: readonly Source[] = [
  ...Object.entries(pveNodeFields).map(([measurement, fields]): Source => ({ ...ofNodes, measurement, fields })),
  {
    kind: "guest",
    measurement: "system",
    objects: ["qemu", "lxc"],
    nameTag: "vmid",
    nodeTag: "nodename",
    fields: rated(pveGuestFields),
  },
  {
    kind: "storage",
    measurement: "system",
    objects: ["storages"],
    nameTag: "host",
    nodeTag: "nodename",
    fields: pveStorageFields,
  },
];

export class PveBucket {
  readonly #server: InfluxServer;

  constructor(options: Partial<InfluxOptions> & Pick<InfluxOptions, "url">) {
    this.#server = new InfluxServer(influxOptionsOf("to import from", options));
  }

  /** The time of its oldest point of a node or guest; null when there is none. Throws a SinkError. */
  async firstMs(): Promise<number | null> {
    const statements = [`SELECT first("cpu") FROM "cpustat"`, `SELECT first("cpu") FROM "system"`];
    const times = await Promise.all(
      statements.map(async (statement) => {
        const [series] = await this.#server.query(statement, { epoch: "ms" });
        return Number(series?.values[0]?.[0] ?? Number.POSITIVE_INFINITY);
      }),
    );
    const first = Math.min(...times);
    return Number.isFinite(first) ? first : null;
  }

  /** All windows that begin within from ≤ time < to, which are multiples of the step. Only of these nodes. */
  async rows(
    range: { readonly fromMs: number; readonly toMs: number; readonly stepS: number },
    nodes: readonly string[],
  ): Promise<readonly PveBucketRow[]> {
    const found = new Map<string, MutableRow>();
    for (const source of sources) {
      const answer = await this.#server.query(statementOf(source, range, nodes), { epoch: "ms" });
      for (const series of answer) addRows(found, source, series, range);
    }
    return [...found.values()];
  }

  async close(): Promise<void> {
    await this.#server.close();
  }
}

interface MutableRow extends PveBucketRow {
  readonly averages: Record<MetricId, number>;
  readonly maxima: Record<MetricId, number>;
}

interface Column {
  readonly metric: MetricId;
  readonly into: "averages" | "maxima";
  readonly sql: string;
}

/** What only changes by hand is taken as it was last; a counter becomes its growth per second. */
function columnsOf({ kind, fields }: Source): readonly Column[] {
  return Object.entries(fields).flatMap(([field, metric]): Column[] => {
    const name = quotedIdentifier(field);
    const { type, defaultAggregation } = findMetric(kind, metric) ?? {};
    if (type === "rate") return [{ metric, into: "averages", sql: `non_negative_derivative(last(${name}), 1s)` }];
    if (defaultAggregation === "last") return [{ metric, into: "averages", sql: `last(${name})` }];
    return [
      { metric, into: "averages", sql: `mean(${name})` },
      { metric, into: "maxima", sql: `max(${name})` },
    ];
  });
}

function statementOf(
  source: Source,
  { fromMs, toMs, stepS }: { readonly fromMs: number; readonly toMs: number; readonly stepS: number },
  nodes: readonly string[],
): string {
  const columns = columnsOf(source).map(({ sql }, number) => `${sql} AS c${number}`);
  const objects = source.objects.map((object) => `"object" = ${quotedText(object)}`).join(" OR ");
  const where = nodes.map((node) => `${quotedIdentifier(source.nodeTag)} = ${quotedText(node)}`).join(" OR ");
  const tags = [...new Set([source.nameTag, ...(source.kind === "storage" ? [source.nodeTag] : [])])];
  // A window earlier, because a growth needs the one before.
  const time = `time >= ${fromMs - stepS * 1000}ms AND time < ${toMs}ms`;
  return `SELECT ${columns.join(", ")} FROM ${quotedIdentifier(source.measurement)} WHERE (${objects}) AND (${where}) AND ${time} GROUP BY time(${stepS}s), ${tags.map(quotedIdentifier).join(", ")} fill(none)`;
}

function addRows(
  found: Map<string, MutableRow>,
  source: Source,
  { tags = {}, values }: InfluxSeries,
  { fromMs, stepS }: { readonly fromMs: number; readonly stepS: number },
): void {
  const columns = columnsOf(source);
  const name = tags[source.nameTag] ?? "";
  const node = source.kind === "storage" ? (tags[source.nodeTag] ?? null) : null;
  for (const [time, ...cells] of values) {
    if (typeof time !== "number" || time < fromMs) continue;
    const key = `${source.kind} ${name} ${node ?? ""} ${time}`;
    const row = found.get(key) ?? {
      kind: source.kind,
      name,
      node,
      endMs: time + stepS * 1000,
      averages: {},
      maxima: {},
    };
    found.set(key, row);
    for (const [i, { metric, into }] of columns.entries()) {
      const value = cells[i];
      if (typeof value === "number") row[into][metric] = value;
    }
  }
}
