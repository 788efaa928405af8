// A small cluster of one seed that nothing was tuned on; docs/anomalies.md has the figures of five large ones.
import { describe, expect, it } from "vitest";
import { scoreOf } from "./truth-score.ts";

describe("what a simulated cluster has planted", () => {
  it("is told for the most part, and little else", { timeout: 120_000 }, () => {
    const { planted, falseAlarms, beside } = scoreOf(71_000, { guests: 25, daysAfter: 0 });
    const all = [planted.spike, planted.drop, planted.stuck];
    const due = all.reduce((sum, each) => sum + each.planted, 0);
    expect(due).toBeGreaterThanOrEqual(5);
    expect(all.reduce((sum, each) => sum + each.found, 0) / due).toBeGreaterThanOrEqual(0.8);
    expect(falseAlarms.seriesWeeks).toBeGreaterThan(500);
    expect(falseAlarms.told / falseAlarms.seriesWeeks).toBeLessThanOrEqual(0.1);
    expect(beside.told / beside.seriesWeeks).toBeLessThanOrEqual(0.3);
  });
});
