// Slow facts and events on the page, in a browser.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserMissing, buildPage, launchBrowser, visit } from "./browser.ts";
import { startFakeServer } from "./fake/server.ts";
import { must } from "./must.ts";

type Parts = {
  readonly built: Awaited<ReturnType<typeof buildPage>>;
  readonly browser: Awaited<ReturnType<typeof launchBrowser>>;
  readonly server: Awaited<ReturnType<typeof startFakeServer>>;
};

describe.skipIf(browserMissing())("the page of a node", () => {
  let parts: Parts;
  beforeAll(async () => {
    const built = await buildPage();
    parts = { built, browser: await launchBrowser(), server: await startFakeServer(built.dir) };
  }, 60_000);
  afterAll(async () => {
    await parts.server.close();
    await parts.browser.close();
    await parts.built.remove();
  });

  it("shows its disks with the verdict of SMART, and what happened, in Proxmox's words", async () => {
    const { page, context, complaints } = await visit(parts.browser, `${parts.server.url}node/demo/pve1`);
    const failing = page.locator('table[aria-label="Disks"] tr', { hasText: "/dev/sdb" });
    await failing.waitFor();

    expect(await failing.locator("td.failed").allInnerTexts()).toEqual(["FAILED!", "93%"]);
    await page.locator("p.events", { hasText: "2 events" }).first().waitFor();
    const changed = page.locator('table[aria-label="Events"] tr', { hasText: "Memory 1 → 2" });
    expect(await changed.textContent()).toContain("root@pam");

    const plot = page.locator(".u-over").first();
    await plot.waitFor();
    const width = must(await plot.boundingBox()).width;
    // Forty minutes before the end of the hour that the graph shows.
    await plot.hover({ position: { x: width / 3, y: 60 } });
    await page.locator("p.events", { hasText: "VM/CT 100 - Backup: job errors · root@pam" }).first().waitFor();
    await context.close();
    expect(complaints).toEqual([]);
  }, 60_000);
});
