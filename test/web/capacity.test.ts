// The page of capacity: its words, and what people see and do in a browser.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { amountWords, changeWords, timeWords } from "../../src/web/capacity/words.ts";
import { browserMissing, buildPage, launchBrowser, visit } from "./browser.ts";
import { fakeCapacity } from "./fake/capacity.ts";
import { type FakeServer, startFakeServer } from "./fake/server.ts";

describe("capacity in words", () => {
  it("gives time as a range, and never a number where there is none", () => {
    const forecast = { state: "forecast", horizon_days: 365 } as const;

    expect(timeWords({ ...forecast, conservative_days: 41, mean_days: 60 })).toBe("41–60 days");
    expect(timeWords({ ...forecast, conservative_days: 300, mean_days: null })).toBe("300 days or longer");
    expect(timeWords({ ...forecast, conservative_days: null, mean_days: null })).toBe("over a year");
    expect(timeWords({ state: "over" })).toBe("over now");
    expect(timeWords({ state: "none", code: "too_short", reason: "needs 14 days, has 3" })).toBe("no forecast");
  });

  it("shows too little with a minus, and absent as not known", () => {
    expect(amountWords("memory", -(2 ** 30))).toBe("−1.0 GiB");
    expect(amountWords("cpu", 12.25)).toBe("12.3 cores");
    expect(amountWords("storage", null)).toBe("not known");
  });

  it("names a change as a person would", () => {
    expect(changeWords({ change: "remove_node", node: "pve1", at: "2026-03-01" })).toBe("retire pve1 from 2026-03-01");
    expect(changeWords({ change: "grow_demand", percent: -5, at: null })).toBe("−5 % demand");
  });
});

describe.skipIf(browserMissing())("the page of capacity", () => {
  let browser: Browser;
  let built: Awaited<ReturnType<typeof buildPage>>;
  let server: FakeServer;

  beforeAll(async () => {
    [browser, built] = await Promise.all([launchBrowser(), buildPage()]);
    server = await startFakeServer(built.dir);
  });
  beforeEach(() => {
    Object.assign(server.fleet, { answers: fakeCapacity(), role: "operator" });
  });
  afterAll(async () => {
    await server.close();
    await browser.close();
    await built.remove();
  });

  async function open(): Promise<Page> {
    const made = await visit(browser, `${server.url}capacity`);
    onTestFinished(async () => {
      await made.context.close();
      expect(made.complaints).toEqual([]);
    });
    await made.page.getByRole("heading", { name: "Capacity of demo" }).waitFor({ timeout: 10_000 });
    return made.page;
  }

  it("says what remains with a range of days, and why there is no forecast", async () => {
    const page = await open();
    const table = page.getByRole("table", { name: "What remains" });

    expect(await table.getByRole("row").nth(1).textContent()).toContain("no forecast");
    expect(await table.getByTitle("needs 14 days, has 3 days").count()).toBe(1);
    expect(await table.getByRole("row").nth(2).textContent()).toMatch(/\d+–\d+ days/);
  });

  it("tells by name what becomes of each guest when a node is lost, the worst node first", async () => {
    const page = await open();
    const first = page.locator(".failures li").first();
    await first.locator("summary").click();

    expect(await first.locator("summary").textContent()).toMatch(/pve1\s*may not fail/);
    const stranded = first.getByRole("region", { name: "Stranded" });
    expect(await stranded.textContent()).toContain("web-106 has disks on the local storage local-zfs, and no replica");
  });

  it("answers a what-if before beside after, and keeps and commits it", async () => {
    const page = await open();
    await page.getByLabel("What", { exact: true }).selectOption("grow_demand");
    await page.getByLabel("By percent").fill("30");
    await page.getByRole("button", { name: "add", exact: true }).click();
    await page.getByRole("table", { name: "Before and after" }).waitFor({ timeout: 10_000 });
    expect(await page.locator(".what-if-sentence").textContent()).toMatch(/instead of/);

    await page.getByLabel("Name", { exact: true }).fill("More load");
    await page.getByRole("button", { name: "save and commit" }).click();
    const saved = page.getByRole("region", { name: "Saved scenarios" });
    await saved.getByText("committed: +30 % demand").waitFor({ timeout: 10_000 });
    await saved.getByRole("button", { name: "take back" }).click();
    await saved.getByRole("button", { name: "commit", exact: true }).waitFor({ timeout: 10_000 });
  });

  it("lets a viewer ask, and not plan", async () => {
    Object.assign(server.fleet, { role: "viewer" });
    const page = await open();
    await page.getByLabel("What", { exact: true }).selectOption("lose_node");
    await page.getByLabel("Which", { exact: true }).selectOption("pve2");
    await page.getByRole("button", { name: "add", exact: true }).click();
    await page.getByRole("table", { name: "Before and after" }).waitFor({ timeout: 10_000 });

    expect(await page.getByRole("button", { name: "save", exact: true }).count()).toBe(0);
  });
});
