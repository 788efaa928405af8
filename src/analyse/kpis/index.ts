// The registry of inputs: from one scope to the inputs of every key figure of the catalogue (src/model/kpi-catalogue.ts).
import type { KpiMeasure } from "../../model/kpis.ts";
import { availabilityMeasures } from "./availability-measures.ts";
import type { Given, Measures } from "./given.ts";
import { backupMeasures } from "./protection-measures.ts";
import { releaseMeasures } from "./release-measures.ts";
import { trustMeasures } from "./trust-measures.ts";
import { allocationMeasures, efficiencyMeasures, utilizationMeasures } from "./utilization-measures.ts";

const measures: readonly Measures[] = [
  utilizationMeasures,
  allocationMeasures,
  efficiencyMeasures,
  availabilityMeasures,
  backupMeasures,
  releaseMeasures,
  trustMeasures,
];

export const measuresOf = (given: Given): readonly KpiMeasure[] => measures.flatMap((measure) => measure(given));
