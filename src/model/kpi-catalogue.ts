// The registry of key figures: each with formula, unit, target and a worked example. Document, API, page, command line and
// docs/reference/kpis.md are made from it. One more KPI is one entry in kpis/ and its inputs in src/analyse/kpis.

import type { Kpi } from "./kpis/kpi.ts";
import { protectionKpis } from "./kpis/protection-kpis.ts";
import { serviceKpis } from "./kpis/service-kpis.ts";
import { trustKpis } from "./kpis/trust-kpis.ts";
import { useKpis } from "./kpis/use-kpis.ts";
import type { KpiInputs } from "./kpis.ts";

export type { Kpi, KpiInput, KpiUnit } from "./kpis/kpi.ts";

/** In the order in which they are shown. */
export const kpiCatalogue: readonly Kpi[] = [...useKpis, ...serviceKpis, ...protectionKpis, ...trustKpis];

export const findKpi = (id: string): Kpi | undefined => kpiCatalogue.find((kpi) => kpi.id === id);

export interface KpiValue {
  readonly value: number | null;
  readonly about: string | null;
}

/** The value of inputs that are all known; null as soon as one is not. */
export function kpiValue(kpi: Kpi, inputs: KpiInputs): KpiValue {
  const known: Record<string, number> = {};
  for (const name of Object.keys(kpi.inputs)) {
    const value = inputs[name];
    if (value === null || value === undefined) return { value: null, about: null };
    known[name] = value;
  }
  return { value: kpi.value(known), about: kpi.about?.(known) ?? null };
}
