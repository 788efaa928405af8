// The cost model in the configuration: what it becomes, and what is said about wrong ones.
import { describe, expect, it } from "vitest";
import { complaints, goodText, load } from "./a-config.ts";

const withCosts = (costs: string): string =>
  goodText.replace("  - id: lab\n", `    cost_model:\n${costs.replaceAll(/^/gm, "      ").trimEnd()}\n  - id: lab\n`);
const modelOf = (costs: string) => load(withCosts(costs)).settings.clusters[0]?.costModel;

describe("a cost model", () => {
  it("is absent when nothing is entered, and has no tariff when no price is", () => {
    expect(load(goodText).settings.clusters[0]?.costModel).toBeNull();
    expect(modelOf("currency: EUR\n")).toMatchObject({ currency: "EUR", tariffs: [], basis: "allocated" });
  });

  it("has one tariff for all time when prices stand in it directly", () => {
    expect(modelOf("cpu_per_core_hour: 0.02\nstorage_classes: { rbd: 0.2 }\n")).toMatchObject({
      currency: "USD",
      hoursPerMonth: 730,
      tariffs: [
        {
          name: "always",
          fromMs: null,
          untilMs: null,
          rates: { cpuPerCoreHour: 0.02, memoryPerGibHour: 0, storagePerGibMonth: 0, storageClasses: { rbd: 0.2 } },
        },
      ],
    });
  });

  it("orders tariffs by their first day, each until the next", () => {
    const model = modelOf(
      "tariffs:\n  - { from: 2026-07-01, cpu_per_core_hour: 2 }\n  - { from: 2026-01-01, cpu_per_core_hour: 1 }\n",
    );
    const [january, july] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 1)];
    expect(model?.tariffs).toMatchObject([
      { name: "2026-01-01", fromMs: january, untilMs: july, rates: { cpuPerCoreHour: 1 } },
      { name: "2026-07-01", fromMs: july, untilMs: null, rates: { cpuPerCoreHour: 2 } },
    ]);
  });

  it("takes purchases with or without the ratio of prices, budgets and rules of attribution", () => {
    const model = modelOf(
      "purchases:\n  - { name: servers, price: 9000, years: 5, pays_for: [cpu, memory] }\n" +
        "budgets:\n  - { name: Shop, tag: team-shop, per_month: 300 }\n  - { name: All, per_month: 900 }\n" +
        "attribution: { tags: [team-], pools: { lab: research }, names: [{ pattern: 'web-*', owner: shop }] }\n",
    );
    expect(model?.tariffs[0]?.purchases).toMatchObject([
      { price: 9000, residual: 0, pue: 1, paysFor: ["cpu", "memory"] },
    ]);
    expect(model?.tariffs[0]?.rates.cpuPerCoreHour).toBeGreaterThan(0);
    expect(model?.budgets.map(({ scope }) => scope)).toEqual([
      { type: "tag", key: "team-shop" },
      { type: "cluster", key: "" },
    ]);
    expect(model?.attribution).toMatchObject({ pools: { lab: "research" }, environmentPrefixes: ["env-"] });
  });

  it("may change without the cluster being polled anew", async () => {
    const { clusterChanges } = await import("../../src/config/changes.ts");
    const before = load(withCosts("cpu_per_core_hour: 1\n")).settings.clusters;
    const after = load(withCosts("cpu_per_core_hour: 2\n")).settings.clusters;
    const same = after.map((cluster, index) => ({ ...cluster, access: before[index]?.access ?? cluster.access }));
    expect(clusterChanges(before, same).changed).toEqual([]);
  });

  it.each([
    [
      "an unknown currency",
      "currency: EURO\n",
      /unknown currency; expected the code of a currency .*got "EURO".*did you mean "EUR"/,
    ],
    ["a negative price", "cpu_per_core_hour: -1\n", /cpu_per_core_hour; expected a number from 0 to 1000000, got -1/],
    ["an absurd price", "memory_per_gb_hour: 5e9\n", /expected a number from 0 to 1000000, got 5000000000/],
    ["a month of too many hours", "hours_per_month: 8760\n", /expected a number from 1 to 744/],
    [
      "a day that is none",
      "tariffs: [{ from: 2026-02-30, cpu_per_core_hour: 1 }]\n",
      /expected a day written YYYY-MM-DD/,
    ],
    [
      "a hole between tariffs",
      "tariffs:\n  - { from: 2026-01-01, until: 2026-03-01, cpu_per_core_hour: 1 }\n  - { from: 2026-04-01, cpu_per_core_hour: 1 }\n",
      /^\d+:\d+: no tariff is in force from 2026-03-01 until 2026-04-01; expected 2026-04-01, or no until$/,
    ],
    [
      "tariffs that overlap",
      "tariffs:\n  - { from: 2026-01-01, until: 2026-05-01, cpu_per_core_hour: 1 }\n  - { from: 2026-04-01, cpu_per_core_hour: 1 }\n",
      /two tariffs are in force from 2026-04-01 until 2026-05-01/,
    ],
    [
      "two tariffs from one day",
      "tariffs:\n  - { from: 2026-01-01, cpu_per_core_hour: 1 }\n  - { from: 2026-01-01, cpu_per_core_hour: 2 }\n",
      /two tariffs begin on 2026-01-01/,
    ],
    [
      "a tariff that ends before it begins",
      "tariffs: [{ from: 2026-02-01, until: 2026-01-01, cpu_per_core_hour: 1 }]\n",
      /ends before it begins/,
    ],
    [
      "prices in two places",
      "cpu_per_core_hour: 1\ntariffs: [{ from: 2026-01-01, cpu_per_core_hour: 1 }]\n",
      /cpu_per_core_hour and tariffs exclude each other/,
    ],
    [
      "half a ratio",
      "cpu_per_core_hour: 1\npurchases: [{ name: a, price: 1 }]\n",
      /memory_per_gb_hour and storage_per_gb_month are missing/,
    ],
    [
      "a residual above the price",
      "purchases: [{ name: a, price: 1, residual: 2 }]\n",
      /residual is more than the price/,
    ],
    [
      "power without its price",
      "purchases: [{ name: a, price: 1, power_kw: 2 }]\n",
      /power costs nothing without a price; expected energy_per_kwh/,
    ],
    [
      "two budgets of one scope",
      "budgets: [{ name: a, tag: x, per_month: 1 }, { name: b, tag: x, per_month: 2 }]\n",
      /two budgets of tag x \(first in line \d+\)/,
    ],
    [
      "a budget of two scopes",
      "budgets: [{ name: a, tag: x, pool: y, per_month: 1 }]\n",
      /tag and pool exclude each other/,
    ],
    [
      "a name used twice",
      "shared_costs: [{ name: a, per_month: 1 }, { name: a, per_month: 2 }]\n",
      /the name "a" is used twice/,
    ],
    ["load below idle", "power: { idle_watts: 200, max_watts: 100 }\n", /max_watts is less than idle_watts/],
    [
      "a key that is none",
      "cpu_per_core_hours: 1\n",
      /unknown key "cpu_per_core_hours".*did you mean "cpu_per_core_hour"/,
    ],
  ])("with %s is refused in one sentence with its place", (_, costs, sentence) => {
    const said = complaints(withCosts(costs));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^\d+:\d+: /);
    expect(said[0]).toMatch(sentence);
  });
});
