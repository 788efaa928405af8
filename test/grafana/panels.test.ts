// Every panel of every dashboard, its variables filled as Grafana does, asked of a real InfluxDB and of our own endpoint
// over the same simulated week: no error, nothing empty, the same numbers.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertQueries } from "../../grafana/build/alert-rules.ts";
import { differences } from "./compare-answers.ts";
import {
  type Dashboard,
  dashboardsOnDisk,
  type Filling,
  filledQuery,
  panelsOf,
  type Variable,
  withValues,
} from "./grafana-variables.ts";
import { simulatedWeek } from "./simulated-week.ts";
import { ask, embeddedSource, type InfluxAnswer, influxSource, type Source } from "./two-sources.ts";

const week = simulatedWeek(Date.UTC(2026, 2, 9, 12));
let embedded: Source;
let influx: Source | undefined;

beforeAll(async () => {
  embedded = await embeddedSource(week);
  influx = await influxSource(week);
}, 180_000);
afterAll(async () => {
  await embedded.close();
  await influx?.close();
});

const dashboards = dashboardsOnDisk();

/** Each variable in turn, with what the source itself offers for it; a container is chosen as the guest. */
async function valuesFor(dashboard: Dashboard, source: Source): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const variable of dashboard.templating.list.filter(({ type }) => type === "query")) {
    const offered = await offeredBy(variable, values, source);
    values[variable.name] = variable.allValue ?? chosenFrom(variable, offered);
  }
  return values;
}

async function offeredBy({ query }: Variable, values: Filling["values"], source: Source): Promise<readonly string[]> {
  const [result] = (await ask(source, withValues(query, values))).results;
  return (result?.series?.[0]?.values ?? []).map(([, value]) => String(value)).sort();
}

function chosenFrom({ name }: Variable, offered: readonly string[]): string {
  const container = week.entities.find(
    (entity) => entity.kind === "guest" && entity.type === "lxc" && !entity.template,
  );
  const wanted = name === "guest" && container?.kind === "guest" ? String(container.vmid) : offered[0];
  if (wanted === undefined || !offered.includes(wanted)) throw new Error(`nothing is offered for ${name}`);
  return wanted;
}

const hasValue = ({ results }: InfluxAnswer): boolean =>
  results.some(({ series = [] }) =>
    series.some(({ values }) => values.some((cells) => cells.slice(1).some((cell) => cell !== null))),
  );

/** Percentiles of ours rank as "the smallest value that p % do not pass", InfluxDB's as n × p + 0.5: a rank apart at most. */
async function percentileDifferences(query: string, source: Source): Promise<string[]> {
  const near = (by: number): string =>
    query.replace(
      /percentile\(("[a-z_]+"), (\d+)\)/g,
      (_all, field: string, p: string) => `percentile(${field}, ${Number(p) + by})`,
    );
  const [own, low, high] = await Promise.all([ask(embedded, query), ask(source, near(-0.1)), ask(source, near(0.1))]);
  return (low.results[0]?.series ?? []).flatMap((series, index) => {
    const [least, most] = [series.values[0]?.[1], high.results[0]?.series?.[index]?.values[0]?.[1]];
    const tags = JSON.stringify(series.tags);
    const value = own.results[0]?.series?.find((each) => JSON.stringify(each.tags) === tags)?.values[0]?.[1];
    const isNear =
      typeof value === "number" && value >= Number(least) * (1 - 1e-9) && value <= Number(most) * (1 + 1e-9);
    return isNear ? [] : [`${tags}: ${String(value)} is not within ${String(least)} … ${String(most)}`];
  });
}

describe("the alert rules", () => {
  it.each(alertQueries.map(({ title, query }) => [title, query] as const))("%s", async (_title, rule) => {
    const query = rule.replaceAll("$timeFilter", `time >= ${week.toMs - 600_000}ms and time <= ${week.toMs}ms`);
    const own = await ask(embedded, query);

    expect(hasValue(own)).toBe(true);
    if (influx !== undefined) expect(differences(own, await ask(influx, query), { ignoreTime: true })).toEqual([]);
  });
});

describe.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))("%s", (_title, dashboard) => {
  it("offers values for its variables, the same from both sources", async () => {
    const values = await valuesFor(dashboard, embedded);

    expect(Object.values(values).every((value) => value !== "")).toBe(true);
    if (influx !== undefined) expect(await valuesFor(dashboard, influx)).toEqual(values);
  });

  it.each(panelsOf(dashboard).map((panel) => [panel.title, panel] as const))("%s", async (_panel, panel) => {
    const filling = { values: await valuesFor(dashboard, embedded), nowMs: week.toMs };
    for (const target of panel.targets ?? []) {
      const query = filledQuery(target.query, panel, dashboard, filling);
      const own = await ask(embedded, query);
      expect(hasValue(own), `${query} is answered with something`).toBe(true);
      if (influx === undefined) continue;
      const theirs = await ask(influx, query);
      expect(hasValue(theirs), `${query} is answered with something by InfluxDB`).toBe(true);
      const isPercentile = query.includes("percentile(");
      const found = isPercentile
        ? await percentileDifferences(query, influx)
        : differences(own, theirs, { ignoreTime: !query.includes("GROUP BY time(") });
      expect(found.slice(0, 5), query).toEqual([]);
    }
  });
});
