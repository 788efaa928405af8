import { describe, expect, it } from "vitest";
import { kpiCatalogue, kpiValue } from "../../src/model/kpi-catalogue.ts";
import { type ClusterKpis, linesOfCluster, linesOfFleet } from "../../src/model/kpi-lines.ts";
import type { KpiMeasure } from "../../src/model/kpis.ts";
import { findMetric } from "../../src/model/metrics.ts";

describe("Every key figure", () => {
  it.each(kpiCatalogue.map((kpi) => [kpi.id, kpi] as const))(
    "%s comes to the value of its worked example",
    (_id, kpi) => {
      expect(Object.keys(kpi.example.inputs).sort()).toEqual(Object.keys(kpi.inputs).sort());
      expect(kpiValue(kpi, kpi.example.inputs).value).toBeCloseTo(kpi.example.value, 10);
    },
  );

  it.each(kpiCatalogue.map((kpi) => [kpi.id, kpi] as const))(
    "%s has no value while an input is not known",
    (_id, kpi) => {
      for (const name of Object.keys(kpi.inputs)) {
        expect(kpiValue(kpi, { ...kpi.example.inputs, [name]: null }).value).toBeNull();
      }
    },
  );

  it("is one of its name, and its course is of metrics that there are", () => {
    expect(new Set(kpiCatalogue.map(({ id }) => id)).size).toBe(kpiCatalogue.length);
    for (const { series } of kpiCatalogue) {
      for (const metric of series === null ? [] : [series.metric, series.per ?? series.metric])
        expect(findMetric("scope", metric)).toBeDefined();
    }
  });

  it("names its inputs in its formula, where it divides them", () => {
    for (const { formula, inputs, fleet } of kpiCatalogue.map((kpi) => ({
      ...kpi,
      fleet: Object.values(kpi.inputs).every((input) => input.fleet === "max"),
    }))) {
      // A percentile is its own input.
      if (!fleet) for (const name of Object.keys(inputs)) expect(formula).toContain(name);
    }
  });

  it("has nothing to measure where there is nothing to divide by, and never NaN", () => {
    for (const kpi of kpiCatalogue) {
      const { value } = kpiValue(kpi, Object.fromEntries(Object.keys(kpi.inputs).map((name) => [name, 0])));
      expect(value === null || Number.isFinite(value)).toBe(true);
    }
  });
});

describe("The fleet's key figures", () => {
  const cpu = (demand: number, usable: number, more: Partial<KpiMeasure> = {}): KpiMeasure => ({
    id: "cpu_utilization",
    inputs: { cpu_demand_core_hours: demand, cpu_usable_core_hours: usable },
    coverage: 1,
    state: null,
    ...more,
  });
  const document = (cluster: string, ...measures: KpiMeasure[]): ClusterKpis => ({
    cluster,
    body: {
      fromMs: 0,
      toMs: 1,
      timeZone: "UTC",
      weights: { perCoreHour: 7.5, perGibHour: 1, source: "" },
      scopes: [{ type: "cluster", key: "", guests: 1, measures }],
    },
  });

  it("divide the sums of the clusters, so that a large cluster counts as much as it has", () => {
    const [line] = linesOfFleet([document("a", cpu(10, 100)), document("b", cpu(200, 300))]);

    expect(line).toMatchObject({ scope: "fleet", value: 210 / 400, isOnTarget: true });
  });

  it("are the worst cluster's where values cannot be added", () => {
    const p95 = (value: number): KpiMeasure => ({
      id: "cpu_p95_utilization",
      inputs: { cpu_p95_ratio: value },
      coverage: 1,
      state: null,
    });

    expect(linesOfFleet([document("a", p95(0.4)), document("b", p95(0.9))])[0]).toMatchObject({
      value: 0.9,
      isOnTarget: false,
    });
  });

  it("leave out a cluster that has no figure, and say so; with none left they have its state", () => {
    const young = cpu(1, 2, { coverage: 0.1, state: "needs 24 of 30 days, has 3" });

    expect(linesOfFleet([document("a", cpu(10, 100)), document("b", young)])[0]).toMatchObject({
      value: 0.1,
      about: "without b",
    });
    expect(linesOfFleet([document("b", young)])[0]).toMatchObject({ value: null, state: young.state, coverage: 0.1 });
  });

  it("of a scope show neither value nor target while they have a state", () => {
    const [line] = linesOfCluster(document("a", cpu(10, 100, { state: "needs 24 of 30 days, has 3" })));

    expect(line).toMatchObject({ scope: "cluster:a", value: null, isOnTarget: null });
  });
});
