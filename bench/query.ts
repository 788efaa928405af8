// Five questions to a month of two thousand guests over our HTTP API, and the same five within one hour beside InfluxDB
// and VictoriaMetrics on the same machine in the same run.
import { request } from "undici";
import { askedServer } from "./asked-server.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { fleetData, hourOf } from "./fleet-data.ts";
import { type Hour, linesOf, type Peer, questions, startPeers } from "./peers.ts";

const hourMs = 3_600_000;
const rounds = 15;
/** Milliseconds over a month: what must be kept, and half of it as the aim. */
const bounds = [15, 20, 60, 90, 60] as const;

export const query: Benchmark = {
  name: "query",
  summary: "five questions to a month of 2,000 guests over HTTP, and to one hour beside InfluxDB and VictoriaMetrics",
  run: async () => {
    const data = await fleetData(Date.now(), (line) => console.error(line));
    const server = await askedServer(data);
    const peers = await startPeers();
    try {
      const figures = await monthFigures(server.url);
      const hour = { fromMs: data.endMs - hourMs, toMs: data.endMs, vmid: 600 };
      for (const peer of peers) await fill(peer, data.endMs - hourMs);
      return [...figures, ...(await hourFigures(server.url, peers, hour))];
    } finally {
      for (const peer of peers) await peer.close();
      await server.close();
    }
  },
};

async function monthFigures(url: string): Promise<Figure[]> {
  const asked = [
    [latestOf(url)],
    [`${url}/api/v1/series?id=bench/guest/600~1&field=cpu_ratio&from=-7d&step=5m`],
    [`${url}/api/v1/totals?field=cpu_ratio&weight=cpu_count&from=-30d&step=1h`],
    [
      `${url}/api/v1/quantiles?field=cpu_ratio&p=0.95&from=-30d`,
      `${url}/api/v1/quantiles?field=mem_used_bytes&p=0.99&from=-30d`,
    ],
    [`${url}/api/v1/trends?field=mem_used_bytes&top=20&from=-30d`],
  ];
  const figures: Figure[] = [];
  for (const [i, urls] of asked.entries()) {
    const name = ["latest_of_all", "one_guest_7d_5m", "cluster_30d_hourly", "p95_cpu_p99_mem_30d", "top20_growth_30d"][
      i
    ];
    const bound = bounds[i] ?? 0;
    figures.push({
      name: name ?? "",
      value: await bestMs(urls),
      unit: "ms",
      must: `<= ${bound}`,
      aim: `<= ${bound / 2}`,
    });
  }
  return figures;
}

const latestOf = (url: string): string =>
  `${url}/api/v1/latest?field=running,cpu_ratio,mem_used_bytes,net_in_bytes_per_second`;

async function fill(peer: Peer, fromMs: number): Promise<void> {
  const batch = hourOf(fromMs, 10, 1);
  const lines = linesOf(batch).split("\n");
  for (let at = 0; at < lines.length; at += 20_000) await peer.write(lines.slice(at, at + 20_000).join("\n"));
  // VictoriaMetrics shows what it took after some seconds.
  await new Promise((resolve) => setTimeout(resolve, 8_000));
}

async function hourFigures(url: string, peers: readonly Peer[], hour: Hour): Promise<Figure[]> {
  const range = `from=${hour.fromMs}&to=${hour.toMs}`;
  const ours = [
    [latestOf(url)],
    [`${url}/api/v1/series?id=bench/guest/${hour.vmid}~1&field=cpu_ratio&${range}&step=5m`],
    [`${url}/api/v1/totals?field=cpu_ratio&weight=cpu_count&${range}&step=5m`],
    [
      `${url}/api/v1/quantiles?field=cpu_ratio&p=0.95&${range}`,
      `${url}/api/v1/quantiles?field=mem_used_bytes&p=0.99&${range}`,
    ],
    [`${url}/api/v1/trends?field=mem_used_bytes&top=20&${range}`],
  ];
  const figures: Figure[] = [];
  for (const [i, what] of questions.entries()) {
    const name = what.replaceAll(" ", "_");
    const own = await bestMs(ours[i] ?? []);
    figures.push({ name: `hour_${name}`, value: own, unit: "ms" });
    for (const peer of peers) {
      const theirs = await bestMs(peer.questions(hour)[i] ?? []);
      figures.push({ name: `hour_${name}_${peer.name}`, value: theirs, unit: "ms" });
      figures.push({
        name: `hour_${name}_faster_than_${peer.name}`,
        value: theirs / own,
        unit: "×",
        must: ">= 1",
        aim: ">= 3",
      });
    }
  }
  return figures;
}

/** What else the machine does only adds: the quickest of several rounds, all addresses of a question at once. */
async function bestMs(urls: readonly string[]): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    await Promise.all(urls.map(ask));
    best = Math.min(best, performance.now() - begun);
  }
  return best;
}

async function ask(url: string): Promise<void> {
  const answer = await request(url);
  const text = await answer.body.text();
  if (answer.statusCode !== 200)
    throw new Error(`${url} was answered with ${answer.statusCode}: ${text.slice(0, 300)}`);
}
