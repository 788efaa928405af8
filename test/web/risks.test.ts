// The page of risks: its words, and what people see in a browser.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { FindingItem } from "../../src/web/fleet/item.ts";
import { evidenceWords, numberWords, riskGroups } from "../../src/web/risks/risk-view.ts";
import { browserMissing, buildPage, launchBrowser, visit } from "./browser.ts";
import { fakeRisks } from "./fake/risks.ts";
import { type FakeServer, startFakeServer } from "./fake/server.ts";

const risks = fakeRisks()["/findings"] as readonly FindingItem[];
const everything = { urgent: false, text: "" };

describe("risks", () => {
  it("are grouped by what fails, the worst group first, and within it by urgency", () => {
    const groups = riskGroups([...risks].reverse(), everything);

    expect(groups.map(({ title, risks: of }) => [title, ...of.map(({ severity }) => severity)])).toEqual([
      ["Disks", "critical", "info"],
      ["Storages", "warning"],
      ["Memory", "warning"],
      ["I/O pressure", "info"],
    ]);
  });

  it("are found by words and by urgency; other findings are none", () => {
    const titles = (text: string, urgent = false) => riskGroups(risks, { urgent, text }).map(({ title }) => title);

    expect(titles("LOCAL-LVM")).toEqual(["Storages"]);
    expect(titles("", true)).toEqual(["Disks", "Storages", "Memory"]);
    const other = risks.slice(0, 1).map((risk) => ({ ...risk, kind: "anomaly" }));
    expect(riskGroups(other, everything)).toEqual([]);
  });

  it("say numbers with their units, and leave out what is not known", () => {
    expect(numberWords("slope_bytes_per_day", 2 ** 30)).toBe("slope 1.0 GiB per day");
    expect(numberWords("mean_percent", 12.34)).toBe("mean 12.3 %");
    expect(numberWords("used_ratio", 0.5)).toBe("used 50 %");
    expect(numberWords("p_value", 0.00005)).toBe("p value 0.00005");
    expect(numberWords("seven_days_ago", 0)).toBe("seven days ago 0");
    const evidence = { what: "used", id: null, field: null, from: null, to: null, numbers: { a: null, p_value: 0.5 } };
    expect(evidenceWords(evidence)).toBe("used");
    expect(evidenceWords(evidence, "whole")).toBe("used · p value 0.5");
  });
});

describe.skipIf(browserMissing())("the page of risks", () => {
  let browser: Browser;
  let built: Awaited<ReturnType<typeof buildPage>>;
  let server: FakeServer;

  beforeAll(async () => {
    [browser, built] = await Promise.all([launchBrowser(), buildPage()]);
    server = await startFakeServer(built.dir);
  });
  afterAll(async () => {
    await server.close();
    await browser.close();
    await built.remove();
  });

  async function open(path: string): Promise<Page> {
    const { page, context, complaints } = await visit(browser, server.url + path);
    onTestFinished(async () => {
      await context.close();
      expect(complaints).toEqual([]);
    });
    return page;
  }

  it("shows each risk with evidence, what to do and where its graphs are", async () => {
    server.fleet.answers = fakeRisks();
    const page = await open("risks");
    const disk = page.locator(".risk.critical");
    await disk.waitFor();

    await disk.getByText(/is failing: pending sectors rose three days in a row, to \d+\./).waitFor();
    await disk.getByText(/^Replace it/).waitFor();
    await page.getByRole("link", { name: "Graphs of pve1" }).first().waitFor();
    await disk.locator("summary").click();
    await disk.getByText("No probability is told").waitFor();
    await page.getByRole("button", { name: "urgent" }).click();
    await expect.poll(() => page.locator(".risk.info").count()).toBe(0);
    await expect.poll(() => page.url()).toContain("severity=urgent");
  });

  it("says what is watched, and since when data will suffice, when nothing is at risk", async () => {
    server.fleet.answers = fakeRisks([]);
    const page = await open("risks");

    await page.getByText("Nothing shows signs of failing").waitFor();
    await page.getByText(/18 more: needs 30 days, has 3, all by/).waitFor();
  });

  it("says so before anything was looked at", async () => {
    server.fleet.answers = { "/risk-watch": [] };
    const page = await open("risks");

    await page.getByText("Nothing was looked at yet").waitFor();
  });
});
