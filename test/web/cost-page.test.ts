// The cost page in a browser, over costs that the real question answers.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { treemap } from "../../src/web/costs/treemap.ts";
import { browserMissing, buildPage, launchBrowser, visit } from "./browser.ts";
import { startFakeServer } from "./fake/server.ts";

interface Parts {
  readonly built: Awaited<ReturnType<typeof buildPage>>;
  readonly browser: Awaited<ReturnType<typeof launchBrowser>>;
  readonly server: Awaited<ReturnType<typeof startFakeServer>>;
}

describe("the areas of costs", () => {
  it("are as large as the values, fill the whole, and do not overlap", () => {
    const values = [40, 25, 12, 9, 6, 4, 3, 1, 0];
    const tiles = treemap(values, (value) => value, 2.6);

    expect(tiles).toHaveLength(8);
    for (const { item, width, height } of tiles) expect(width * height).toBeCloseTo(item / 100, 9);
    for (const [index, a] of tiles.entries()) {
      expect(a.left + a.width).toBeLessThanOrEqual(1 + 1e-9);
      expect(a.top + a.height).toBeLessThanOrEqual(1 + 1e-9);
      for (const b of tiles.slice(index + 1)) {
        const across = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
        const down = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
        expect(Math.min(across, down)).toBeLessThan(1e-9);
      }
    }
    expect(treemap([0, 0], (value) => value, 1)).toEqual([]);
  });
});

describe.skipIf(browserMissing())("the cost page", () => {
  let parts: Parts;
  beforeAll(async () => {
    const built = await buildPage();
    parts = { built, browser: await launchBrowser(), server: await startFakeServer(built.dir) };
  }, 60_000);
  afterEach(() => {
    Object.assign(parts.server.faults, { unpriced: false });
  });
  afterAll(async () => {
    await parts.server.close();
    await parts.browser.close();
    await parts.built.remove();
  });

  it("says what it costs in one sentence, and its table adds up to the total", async () => {
    const { page, context, complaints } = await visit(parts.browser, `${parts.server.url}cost`);
    await page.getByText(/^November has cost 624\.00 EUR so far and will come to about/).waitFor();
    const table = page.locator('table[aria-label="Costs by Owner"]');
    const amounts = await table.locator("tbody td.sum").allInnerTexts();

    expect(amounts.reduce((sum, text) => sum + Number(text.replaceAll(",", "")), 0)).toBeCloseTo(624, 6);
    expect(await table.locator("tfoot td.sum").textContent()).toBe("624.00");
    expect(await table.locator("tr.aside").allInnerTexts()).toHaveLength(4);
    await context.close();
    expect(complaints).toEqual([]);
  }, 60_000);

  it("groups by tags that begin as chosen and gives idle cost away, in the address too", async () => {
    const { page, context } = await visit(parts.browser, `${parts.server.url}cost?by=tag`);
    await page.locator('label:has-text("Tags") select').selectOption("team-");
    await page.locator('label:has-text("Idle") select').selectOption("weighted");
    await page.locator('table[aria-label="Costs by Tag"] td', { hasText: "team-ops" }).waitFor();

    await expect
      .poll(() => page.url(), { timeout: 8000 })
      .toMatch(/prefix=team-.*idle=weighted|idle=weighted.*prefix=team-/);
    await expect
      .poll(() => page.locator('table[aria-label="Costs by Tag"] tr.aside').count(), { timeout: 8000 })
      .toBe(1);
    await context.close();
  }, 60_000);

  it("shows the line of an area that is chosen by keyboard", async () => {
    const { page, context } = await visit(parts.browser, `${parts.server.url}cost`);
    const area = page.locator(".treemap button").first();
    await area.focus();
    await page.keyboard.press("Enter");
    const name = (await area.getAttribute("title"))?.split(",")[0] ?? "";

    await expect.poll(() => page.locator("tr.current td").first().textContent(), { timeout: 8000 }).toBe(name);
    await context.close();
  }, 60_000);

  it("shows no money without rates, only shares and how to enter some", async () => {
    Object.assign(parts.server.faults, { unpriced: true });
    const { page, context } = await visit(parts.browser, `${parts.server.url}cost?by=guest`);
    await page.getByText("No rates entered for lab").waitFor();
    const text = (await page.locator("main").textContent()) ?? "";

    expect(text).toContain("cpu_per_core_hour");
    expect(text).toMatch(/web-1\s*12\.5%/);
    expect(text.replace(/currency: EUR/, "")).not.toMatch(/\bEUR\b/);
    await context.close();
  }, 60_000);
});
