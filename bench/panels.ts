// Every panel of every dashboard that looks at guests, over 30 days of 2,000 guests, asked of /query as Grafana does.
// The dashboards' other measurements have a series per node or cluster and cost less.
import { request } from "undici";
import {
  type Dashboard,
  dashboardsOnDisk,
  filledQuery,
  type Panel,
  panelsOf,
} from "../test/grafana/grafana-variables.ts";
import { askedServer } from "./asked-server.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { fleetData } from "./fleet-data.ts";

const days = 30;
const rounds = 12;
const boundMs = 300;
const values = { cluster: ".*", node: "pve1", guest: "600" };

interface Asked {
  readonly name: string;
  readonly queries: readonly string[];
}

export const panels: Benchmark = {
  name: "panels",
  summary: "Grafana's panels over 30 days of 2,000 guests, at the embedded endpoint",
  run: async () => {
    const data = await fleetData(Date.now(), (line) => console.error(line));
    const server = await askedServer(data);
    try {
      const asked = dashboardsOnDisk().flatMap((dashboard) =>
        panelsOf(dashboard).flatMap((panel) => guestQueries(dashboard, panel, data.endMs)),
      );
      return figuresOf(asked, await timesOf(server.url, asked));
    } finally {
      await server.close();
    }
  },
};

function guestQueries(dashboard: Dashboard, panel: Panel, nowMs: number): Asked[] {
  const queries = (panel.targets ?? [])
    .filter(({ query }) => query.includes('"pve_guest"'))
    .map(({ query }) => filledQuery(query, panel, dashboard, { values, nowMs, rangeMs: days * 86_400_000 }));
  const name = `${dashboard.uid.replace("pilothouse-", "")}: ${panel.title}`;
  return queries.length === 0 ? [] : [{ name, queries }];
}

/** Milliseconds, round by round, a panel at a time. The first round is not counted: Grafana asks the same again and again. */
async function timesOf(url: string, asked: readonly Asked[]): Promise<readonly (readonly number[])[]> {
  const times: number[][] = [];
  for (let round = 0; round <= rounds; round++) {
    const taken: number[] = [];
    for (const { queries } of asked) {
      const begun = performance.now();
      await Promise.all(queries.map((query) => ask(url, query)));
      taken.push(performance.now() - begun);
    }
    if (round > 0) times.push(taken);
  }
  return times;
}

async function ask(url: string, q: string): Promise<void> {
  const answer = await request(`${url}/query?db=pilothouse&epoch=ms`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ q }).toString(),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${q} was answered with ${answer.statusCode}: ${text.slice(0, 300)}`);
}

/** What else the machine does only adds: the least disturbed round counts, and of each panel its quickest. */
function figuresOf(asked: readonly Asked[], times: readonly (readonly number[])[]): Figure[] {
  const all = Math.min(...times.map(percentile95));
  const each = asked.map(({ name }, index): Figure => {
    const best = Math.min(...times.map((round) => round[index] ?? Number.NaN));
    return { name, value: best, unit: "ms" };
  });
  return [{ name: "all_panels_p95", value: all, unit: "ms", must: `<= ${boundMs}` }, ...each];
}

function percentile95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
}
