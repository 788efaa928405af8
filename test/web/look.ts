// Takes a picture of every page in every state, both themes, desktop and phone, for a person to look at:
// `npx tsx test/web/look.ts FOLDER [word of the name]…`
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { buildPage, launchBrowser, visit } from "./browser.ts";
import { fakeCapacity } from "./fake/capacity.ts";
import { fakeRisks } from "./fake/risks.ts";
import { type FakeServer, startFakeServer } from "./fake/server.ts";
import { fakeUtilization } from "./fake/utilization.ts";

interface Scene {
  readonly name: string;
  readonly path: string;
  readonly before?: (server: FakeServer) => void;
  readonly after?: (page: Page, server: FakeServer) => Promise<void>;
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const capacityOf = (server: FakeServer): void => {
  Object.assign(server.fleet, { answers: fakeCapacity(), role: "operator" });
};

async function openCapacity(page: Page): Promise<void> {
  await page.locator(".failure-head").first().click();
  await page.getByLabel("What", { exact: true }).selectOption("lose_node");
  await page.getByLabel("Which", { exact: true }).selectOption("pve2");
  await page.getByRole("button", { name: "add", exact: true }).click();
  await page.locator(".what-if-sentence").waitFor();
}

const scenes: readonly Scene[] = [
  { name: "home", path: "" },
  {
    name: "problems",
    path: "",
    before: (server) =>
      server.setProblems([
        {
          code: "node_unreachable",
          subject: "demo/node/pve3",
          severity: "critical",
          since_at: new Date(Date.now() - 300_000).toISOString(),
          cleared_at: null,
          message: "Node pve3 does not answer",
          remedy: "Check its network and that pveproxy runs.",
        },
        {
          code: "clock_skew",
          subject: "demo/node/pve1",
          severity: "warning",
          since_at: new Date(Date.now() - 7_300_000).toISOString(),
          cleared_at: null,
          message: "The clock of pve1 is 4.2 s ahead",
          remedy: "Check chrony on the node.",
        },
      ]),
  },
  { name: "flat-filter", path: "?group=flat&q=web&sort=-cpu" },
  { name: "guest-day", path: "guest/demo/102~1?range=day" },
  {
    name: "guest-hour",
    path: "guest/demo/101~1",
    after: (page) => page.hover(".u-over", { position: { x: 200, y: 60 } }),
  },
  { name: "forecast-guest", path: "guest/demo/102~1?range=week&forecast=1", after: () => wait(800) },
  { name: "forecast-node", path: "node/demo/pve1?range=day&forecast=1&table=memory", after: () => wait(800) },
  { name: "growth", path: "growth" },
  { name: "node", path: "node/demo/pve1?range=day&table=cpu" },
  { name: "cluster", path: "cluster/demo?range=year" },
  { name: "storage", path: "storage/demo/@ceph-1?range=month" },
  { name: "tasks", path: "tasks" },
  { name: "risks", path: "risks", before: (server) => Object.assign(server.fleet, { answers: fakeRisks() }) },
  { name: "capacity", path: "capacity", before: capacityOf, after: openCapacity },
  { name: "no-capacity", path: "capacity", before: (server) => Object.assign(server.fleet, { answers: {} }) },
  { name: "no-risks", path: "risks", before: (server) => Object.assign(server.fleet, { answers: fakeRisks([]) }) },
  { name: "anomalies", path: "anomalies?id=anomaly-1" },
  { name: "cost", path: "cost", after: (page) => page.locator(".treemap").waitFor() },
  {
    name: "unpriced-cost",
    path: "cost?by=guest",
    before: (server) => Object.assign(server.faults, { unpriced: true }),
    after: (page) => page.locator(".cost-example").waitFor(),
  },
  {
    name: "utilization",
    path: "utilization",
    before: (server) => Object.assign(server.fleet, { answers: fakeUtilization() }),
  },
  {
    name: "key-figure",
    path: "utilization?scope=cluster:demo",
    before: (server) => Object.assign(server.fleet, { answers: fakeUtilization() }),
    after: (page) => page.click(".kpi summary"),
  },
  {
    name: "no-figures",
    path: "utilization",
    before: (server) => Object.assign(server.fleet, { answers: { "/kpis": [], "/utilization": [] } }),
  },
  { name: "help", path: "", after: (page) => page.keyboard.press("?") },
  { name: "columns", path: "?density=compact", after: (page) => page.click("summary") },
  { name: "loading", path: "", before: (server) => Object.assign(server.faults, { mute: true }) },
  {
    name: "loading-graphs",
    path: "guest/demo/102~1",
    before: (server) => Object.assign(server.faults, { delayMs: 1500 }),
    after: () => wait(2600),
  },
  { name: "empty", path: "", before: (server) => Object.assign(server.fleet, { items: [], tasks: [] }) },
  { name: "error", path: "", before: (server) => Object.assign(server.faults, { failing: ["/about"] }) },
  {
    name: "error-graphs",
    path: "guest/demo/102~1",
    before: (server) => Object.assign(server.faults, { failing: ["/series"] }),
  },
  {
    name: "stale",
    path: "",
    before: (server) => {
      const old = new Date(Date.now() - 95_000).toISOString();
      server.fleet.items = server.fleet.items.map((item) => ({ ...item, values_at: old }));
    },
  },
  {
    name: "lost",
    path: "",
    after: async (_page, server) => {
      await wait(500);
      Object.assign(server.faults, { streamDown: true, failing: ["/"] });
      server.cutStreams();
      await wait(300);
    },
  },
  { name: "login", path: "", before: (server) => Object.assign(server.faults, { locked: true }) },
  { name: "setup", path: "setup#token=abc", before: (server) => Object.assign(server.faults, { locked: true }) },
  { name: "kiosk", path: "?kiosk=1" },
  { name: "one-node", path: "", before: (server) => server.reshape({ nodes: 1, guests: 3 }) },
  { name: "thousand", path: "", before: (server) => server.reshape({ nodes: 12, guests: 1000 }) },
  { name: "missing", path: "guest/demo/999" },
];

const [folder = "look", ...words] = process.argv.slice(2);
await mkdir(folder, { recursive: true });
const built = await buildPage();
const browser = await launchBrowser();
for (const scene of scenes) {
  if (words.length > 0 && !words.some((word) => scene.name.includes(word))) continue;
  for (const theme of ["light", "dark"] as const) {
    for (const size of ["desktop", "phone"] as const) {
      const server = await startFakeServer(built.dir);
      scene.before?.(server);
      const { page, context, complaints } = await visit(browser, server.url + scene.path, { theme, size });
      await wait(900);
      await scene.after?.(page, server);
      await wait(300);
      await page.screenshot({ path: join(folder, `${scene.name}-${theme}-${size}.png`) });
      if (complaints.length > 0) console.log(scene.name, theme, size, complaints);
      await context.close();
      await server.close();
    }
  }
}
await browser.close();
await built.remove();
