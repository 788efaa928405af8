// The page Utilization: its words, and what people see in a browser.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  courseOf,
  type KpiItem,
  scopesOf,
  scopeTitle,
  seriesIds,
  shownValue,
  targetWords,
} from "../../src/web/utilization/kpi-view.ts";
import { browserMissing, buildPage, launchBrowser, visit } from "./browser.ts";
import { type FakeServer, startFakeServer } from "./fake/server.ts";
import { fakeUtilization } from "./fake/utilization.ts";

const items = fakeUtilization()["/kpis"] as readonly KpiItem[];

describe("Key figures in words", () => {
  it("never round to what they are not", () => {
    expect(shownValue(0.99958, "ratio")).toBe("99.958%");
    expect(shownValue(1, "ratio")).toBe("100%");
    expect(shownValue(0.2921, "ratio")).toBe("29.2%");
    expect(shownValue(-0.5, "ratio")).toBe("-50.0%");
    expect(shownValue(1.5, "hours")).toBe("1 h 30 min");
  });

  it("name their scope and their target", () => {
    expect(["fleet", "cluster:lab", "pool:lab/prod", "tag:lab/a/b"].map(scopeTitle)).toEqual([
      "Fleet",
      "Cluster lab",
      "Pool prod (lab)",
      "Tag a/b (lab)",
    ]);
    const of = (kpi: string) => items.find((item) => item.kpi === kpi) as KpiItem;
    expect(targetWords(of("cpu_utilization"))).toBe("target 30% to 80%");
    expect(targetWords(of("availability"))).toBe("target at least 99.9%");
    expect(targetWords(of("mttr"))).toBeNull();
  });

  it("have the course of their scope; the fleet's is that of its clusters together", () => {
    const scopes = scopesOf(items);
    expect(seriesIds("pool:demo/prod", scopes)).toEqual(["demo/scope/pool:prod"]);
    expect(seriesIds("fleet", scopes)).toEqual(["demo/scope/cluster"]);
    const column = (id: string, field: string, value: number) => ({
      ...{ id, field, agg: "avg", time: [0, 86_400_000], value: [value, null] },
      resolution_seconds: [86_400, 86_400],
      origin: ["analysis", "analysis"],
    });
    const course = {
      from: 0,
      to: 86_400_000,
      series: [column("a", "x", 1), column("b", "x", 2), column("a", "y", 4), column("b", "y", 8)],
    };

    expect(courseOf({ series: { metric: "x", per: "y" } }, course)?.mean).toBe(3 / 12);
    expect(courseOf({ series: { metric: "x", per: null } }, course)).toBeUndefined();
  });
});

describe.skipIf(browserMissing())("The page Utilization", () => {
  let browser: Browser;
  let built: Awaited<ReturnType<typeof buildPage>>;
  let server: FakeServer;

  beforeAll(async () => {
    [browser, built] = await Promise.all([launchBrowser(), buildPage()]);
    server = await startFakeServer(built.dir);
    server.fleet.answers = fakeUtilization();
  });
  afterAll(async () => {
    await server.close();
    await browser.close();
    await built.remove();
  });

  const open = async (path: string, look: (page: Page, complaints: readonly string[]) => Promise<void>) => {
    const { page, context, complaints } = await visit(browser, server.url + path);
    try {
      await look(page, complaints);
    } finally {
      await context.close();
    }
  };

  it("shows every figure with its target, and formula and numbers on demand", () =>
    open("utilization", async (page, complaints) => {
      const card = page.locator(".kpi", { hasText: "Resource efficiency" });
      await card.getByText("36.7%").waitFor();
      await card.getByText("target at least 40%").click();

      await card.getByText("core_weight × used_core_hours", { exact: false }).waitFor();
      await card.getByText("used_core_hours 100").waitFor();
      await page.locator(".kpi", { hasText: "Verified backups" }).getByText("needs the backups on storages").waitFor();
      expect(complaints).toEqual([]);
    }));

  it("keeps scope, kind, window and order in the address, and asks for them", () =>
    open("utilization", async (page) => {
      await page.getByLabel("Scope").selectOption("pool:demo/prod");
      await page.getByRole("button", { name: "Nodes" }).click();
      await page.getByRole("button", { name: "7 days" }).click();
      await page.getByRole("button", { name: "max" }).first().click();
      await expect
        .poll(() => server.requests.at(-1), { timeout: 10_000 })
        .toContain("/utilization?by=node&window=7d&sort=-cpu_max_cores");
      await page.waitForURL(/scope=pool:demo\/prod&by=node&window=7d&sort=-cpu_max_cores/);
      await page.getByText("CPU utilization").waitFor({ state: "detached" });
    }));

  it("marks lines that know too little of the time", () =>
    open("utilization", async (page) => {
      const row = page.locator("tr", { hasText: "web-5" });
      await row.getByText("needs 24 of 30 days, has 3").waitFor();
      await row.getByText("10%").first().waitFor();
    }));
});
