// Costs over the API, answered by the real questions from a ledger that the real job has kept.
import { beforeAll, describe, expect, it } from "vitest";
import { questions } from "../../src/analyse/index.ts";
import { NotFoundError } from "../../src/lib/errors.ts";
import type { AnalysisPort } from "../../src/model/analysis.ts";
import type { CostsAnswer, PlannedPrice } from "../../src/model/cost-answer.ts";
import { aModel, aPurchase, aTariff } from "../analyse/cost/a-model.ts";
import { day, LedgerWorld } from "../analyse/cost/ledger-world.ts";
import { noAnalysis } from "./no-analysis.ts";
import { aServer, type TestServer } from "./serve-fixture.ts";

const begin = Date.UTC(2026, 10, 1);
const now = begin + 3 * day + 30 * 60_000;
const model = aModel({ tariffs: [aTariff({ purchases: [aPurchase()] })] });
const world = new LedgerWorld(begin);
let server: TestServer;
let costs: typeof model | null = model;

const ask: AnalysisPort["ask"] = async <Answer>(id: string, input: unknown) => {
  const question = questions.find((each) => each.id === id);
  if (question === undefined) throw new NotFoundError(`There is no question ${id}.`);
  return (await question.answer(world.context(now, costs), structuredClone(input))) as Answer;
};

beforeAll(async () => {
  world.guest(100, { tags: ["team-a"], name: "web", pool: "prod" });
  world.guest(101, { tags: ["team-b"], name: "=db" });
  await world.measure(begin, begin + 3 * day, [100, 101], [], 3600);
  await world.run(now, model);
  server = await aServer({ deps: { analysis: { ...noAnalysis, ask } } });
});

const get = (path: string, headers: Record<string, string>) =>
  server.app.inject({ url: `/api/v1/costs${path}`, headers });

describe("costs", () => {
  it("add up to what was entered, grouped and shared as asked", async () => {
    const viewer = await server.token("viewer");
    const answer = (await get("?aggregate=tag&tag_prefix=team-&share_idle=weighted", viewer)).json<CostsAnswer>();

    const [list] = answer.lists;
    expect(list).toMatchObject({ currency: "EUR", total: 144, clusters: ["lab"] });
    expect(list?.rows.map(({ name }) => name).sort()).toEqual(["team-a", "team-b"]);
    expect(list?.rows.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(144, 6);
    expect(answer.tag_prefixes).toEqual(["team-"]);
  });

  it("are a table for spreadsheets, in which no name becomes a formula", async () => {
    const viewer = await server.token("viewer");
    const answer = await get("?aggregate=guest", { ...viewer, accept: "text/csv" });

    expect(answer.headers["content-type"]).toContain("text/csv");
    expect(answer.body.split("\r\n")[0]).toMatch(/^currency,from,to,kind,key,name,guests,cost,/);
    expect(answer.body).toContain(",'=db,");
  });

  it("show those who see some guests only those guests, without totals, and no rates", async () => {
    const ofProd = await server.token("viewer", { pools: ["prod"] });
    const answer = (await get("?aggregate=guest", ofProd)).json<CostsAnswer>();

    expect(answer.lists[0]).toMatchObject({ total: null, outlook: null, tariffs: [] });
    expect(answer.lists[0]?.rows.map(({ name }) => name)).toEqual(["web"]);
    expect((await get("/focus.csv", ofProd)).body).not.toMatch(/=db|Idle/);
    expect((await get("/price?cluster=lab&cores=1&memory_gib=1", ofProd)).statusCode).toBe(404);
  });

  it("of a cluster that is not seen do not exist", async () => {
    const ofOther = await server.token("viewer", { clusters: ["other"] });

    expect((await get("", ofOther)).json<CostsAnswer>()).toMatchObject({ lists: [], unpriced: [] });
    expect((await get("/focus.csv", ofOther)).body.trim().split("\r\n")).toHaveLength(1);
  });

  it("go to FinOps tools day by day in the columns of FOCUS, and add up there too", async () => {
    const viewer = await server.token("viewer");
    const [head = "", ...lines] = (await get("/focus.csv?window=2026-11-01,2026-11-03", viewer)).body
      .trim()
      .split("\r\n");

    const columns = head.split(",");
    expect(columns).toEqual(expect.arrayContaining(["BilledCost", "EffectiveCost", "ConsumedQuantity", "Tags"]));
    const billed = lines.reduce((sum, line) => sum + Math.round(Number(line.split(",")[0]) * 1e6), 0);
    expect(billed).toBe(144_000_000);
    const first = Object.fromEntries(columns.map((column, index) => [column, lines[0]?.split(",")[index]]));
    expect(first).toMatchObject({
      BillingCurrency: "EUR",
      BillingPeriodStart: "2026-11-01T00:00:00Z",
      BillingPeriodEnd: "2026-12-01T00:00:00Z",
      ChargePeriodStart: "2026-11-01T00:00:00Z",
      ChargePeriodEnd: "2026-11-02T00:00:00Z",
    });
    expect(lines[0]).toContain("Core-Hours");
  });

  it("tell the price of a planned guest and a return on investment", async () => {
    const viewer = await server.token("viewer");
    const path = "/price?cluster=lab&cores=16&memory_gib=64&disk=ssd:1000";
    const price = (await get(path, viewer)).json<PlannedPrice>();

    expect(price.per_month).toBeCloseTo(2 * 730, 1);
    expect((await get("/roi?programme_cost=100&realized_savings=150&months=12", viewer)).json()).toMatchObject({
      roi: 0.5,
    });
    expect((await get("/price?cluster=nope&cores=1&memory_gib=1", viewer)).statusCode).toBe(404);
  });

  it.each([
    ["?window=2026-13", /window: expected today/],
    ["?window=2026-11-03,2026-11-01", /window: expected today/],
    ["?aggregate=colour", /aggregate/],
    ["/price?cluster=lab&cores=-1&memory_gib=1", /cores/],
    ["/price?cluster=lab&cores=1&memory_gib=1&disk=ssd", /expected STORAGE:GiB/],
    ["/roi?months=0&programme_cost=1", /months/],
  ])("refuse %s and say why", async (path, why) => {
    const answer = await get(path, await server.token("viewer"));

    expect(answer.statusCode).toBe(400);
    expect(answer.body).toMatch(why);
  });

  it("are shares alone while no rates are entered", async () => {
    costs = null;
    const answer = (await get("?aggregate=guest", await server.token("viewer"))).json<CostsAnswer>();
    costs = model;

    expect(answer.lists).toEqual([]);
    expect(answer.unpriced[0]?.rows.map(({ name }) => name)).toEqual(expect.arrayContaining(["web", "=db"]));
  });
});
