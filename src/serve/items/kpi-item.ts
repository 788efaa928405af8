// A key figure as the API and the command line give it.
import { z } from "zod";
import type { KpiLine } from "../../model/kpi-lines.ts";
import { isoTime } from "./time.ts";

export const KpiItem = z
  .object({
    scope: z.string().describe("fleet, cluster:ID, pool:ID/NAME or tag:ID/NAME"),
    cluster: z.string().nullable().describe("null: of the fleet"),
    kpi: z.string(),
    title: z.string(),
    unit: z.enum(["ratio", "count", "hours", "seconds", "minutes"]),
    value: z.number().nullable().describe("null: `state` says why"),
    about: z.string().nullable().describe("What the value is about, as the resource that is most constrained"),
    state: z.string().nullable(),
    coverage: z.number().nullable().describe("Share of the window that is known; null for a figure of this moment"),
    better: z.enum(["higher", "lower", "between"]),
    target_min: z.number().nullable(),
    target_max: z.number().nullable(),
    is_on_target: z.boolean().nullable(),
    summary: z.string(),
    formula: z.string(),
    inputs: z.record(z.string(), z.number().nullable()).describe("The numbers of the formula"),
    series: z
      .object({ metric: z.string(), per: z.string().nullable() })
      .nullable()
      .describe("Its course: a metric of the entity CLUSTER/scope/…, or one divided by another"),
    from: z.string().nullable().describe("Begin of the window, ISO 8601, UTC"),
    to: z.string().nullable(),
  })
  .meta({ id: "Kpi" });
export type KpiItem = z.infer<typeof KpiItem>;

export const kpiItem = ({ kpi, fromMs, toMs, isOnTarget, inputs, ...line }: KpiLine): KpiItem => ({
  scope: line.scope,
  cluster: line.cluster,
  kpi: kpi.id,
  title: kpi.title,
  unit: kpi.unit,
  value: line.value,
  about: line.about,
  state: line.state,
  coverage: line.coverage,
  better: kpi.better,
  target_min: kpi.target?.min ?? null,
  target_max: kpi.target?.max ?? null,
  is_on_target: isOnTarget,
  summary: kpi.summary,
  formula: kpi.formula,
  inputs: { ...inputs },
  series: kpi.series,
  from: isoTime(fromMs),
  to: isoTime(toMs),
});
