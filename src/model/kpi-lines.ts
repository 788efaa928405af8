// Key figures as they are shown: of every scope, and of the fleet, which is put together from its clusters' inputs.
import type { ClusterId } from "./ids.ts";
import { findKpi, type Kpi, kpiCatalogue, kpiValue } from "./kpi-catalogue.ts";
import type { KpiInputs, KpiMeasure, KpisDocument } from "./kpis.ts";

export interface KpiLine {
  /** `fleet`, `cluster:ID`, `pool:ID/NAME`, `tag:ID/NAME` */
  readonly scope: string;
  readonly cluster: ClusterId | null;
  readonly kpi: Kpi;
  /** null: `state` says why. */
  readonly value: number | null;
  readonly about: string | null;
  readonly state: string | null;
  readonly coverage: number | null;
  readonly inputs: KpiInputs;
  /** null where there is no target or no value. */
  readonly isOnTarget: boolean | null;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ClusterKpis {
  readonly cluster: ClusterId;
  readonly body: KpisDocument;
}

/** The documents `kpis` of clusters. */
export const clusterKpis = (
  documents: readonly { readonly cluster: ClusterId | null; readonly body: unknown }[],
): readonly ClusterKpis[] =>
  documents.flatMap(({ cluster, body }) => (cluster === null ? [] : [{ cluster, body: body as KpisDocument }]));

export const scopeName = (cluster: ClusterId, type: "cluster" | "pool" | "tag", key: string): string =>
  type === "cluster" ? `cluster:${cluster}` : `${type}:${cluster}/${key}`;

export const linesOfCluster = ({ cluster, body }: ClusterKpis): readonly KpiLine[] =>
  body.scopes.flatMap(({ type, key, measures }) =>
    measures.flatMap((measure) => {
      const kpi = findKpi(measure.id);
      const where = { scope: scopeName(cluster, type, key), cluster, fromMs: body.fromMs, toMs: body.toMs };
      // A document of an older version may hold what there is no more.
      return kpi === undefined ? [] : [lineOf(kpi, measure, where)];
    }),
  );

export function linesOfFleet(documents: readonly ClusterKpis[]): readonly KpiLine[] {
  if (documents.length === 0) return [];
  const where = {
    scope: "fleet",
    cluster: null,
    fromMs: Math.min(...documents.map(({ body }) => body.fromMs)),
    toMs: Math.max(...documents.map(({ body }) => body.toMs)),
  };
  return kpiCatalogue.flatMap((kpi) => {
    const measures = documents.flatMap(({ cluster, body }) => {
      const own = body.scopes.find(({ type }) => type === "cluster")?.measures.find(({ id }) => id === kpi.id);
      return own === undefined ? [] : [{ cluster, measure: own }];
    });
    return measures.length === 0 ? [] : [lineOf(kpi, fleetMeasure(kpi, measures), where)];
  });
}

interface ClusterMeasure {
  readonly cluster: ClusterId;
  readonly measure: KpiMeasure;
}

/** Clusters whose figure has a state are left out, and the line says so; with none left, it has the first one's state. */
export function fleetMeasure(
  kpi: Kpi,
  measures: readonly ClusterMeasure[],
): KpiMeasure & { readonly leftOut?: string } {
  const usable = measures.filter(({ measure }) => measure.state === null);
  const [first] = measures;
  if (usable.length === 0 && first !== undefined) return first.measure;
  const inputs: Record<string, number | null> = {};
  for (const [name, { fleet }] of Object.entries(kpi.inputs)) {
    const values = usable.map(({ measure }) => measure.inputs[name] ?? null);
    inputs[name] = values.includes(null) ? null : combined(values as number[], fleet);
  }
  const known = usable.flatMap(({ measure }) => measure.coverage ?? []);
  const missing = measures.filter((one) => !usable.includes(one)).map(({ cluster }) => cluster);
  return {
    id: kpi.id,
    inputs,
    coverage: known.length === 0 ? null : Math.min(...known),
    state: null,
    ...(missing.length === 0 ? {} : { leftOut: `without ${missing.join(", ")}` }),
  };
}

const combined = (values: readonly number[], way: "sum" | "max"): number =>
  way === "max" ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);

function lineOf(
  kpi: Kpi,
  measure: KpiMeasure & { readonly leftOut?: string },
  where: Pick<KpiLine, "scope" | "cluster" | "fromMs" | "toMs">,
): KpiLine {
  const { inputs, coverage } = measure;
  const { value, about } = measure.state === null ? kpiValue(kpi, inputs) : { value: null, about: null };
  return {
    ...where,
    kpi,
    value,
    about: [about, measure.leftOut].filter((words) => words != null).join(", ") || null,
    state: measure.state ?? (value === null ? "nothing to measure" : null),
    coverage,
    inputs,
    isOnTarget: onTarget(kpi, value),
  };
}

function onTarget({ target }: Kpi, value: number | null): boolean | null {
  if (target === null || value === null) return null;
  return (target.min === null || value >= target.min) && (target.max === null || value <= target.max);
}
