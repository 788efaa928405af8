// The same hour and the same five questions at InfluxDB and VictoriaMetrics, each asked in its own words.
import { type Dispatcher, request } from "undici";
import type { Batch } from "../src/model/batch.ts";
import { rowsOf } from "../src/model/batch.ts";
import { type RunningBinary, startInflux, startVictoriaMetrics } from "../test/debian-binaries.ts";

/** The five, in this order everywhere. */
export const questions = ["latest of all", "one guest", "all together", "p95 and p99", "growth"] as const;

export interface Hour {
  readonly fromMs: number;
  readonly toMs: number;
  readonly vmid: number;
}

export interface Peer {
  readonly name: string;
  write(lines: string): Promise<void>;
  /** Addresses to GET, of each question one or more. */
  questions(hour: Hour): readonly (readonly string[])[];
  close(): Promise<void>;
}

export async function startPeers(): Promise<Peer[]> {
  const [influx, victoria] = [await startInflux(), await startVictoriaMetrics()];
  return [
    ...(influx === undefined ? [] : [influxPeer(influx)]),
    ...(victoria === undefined ? [] : [victoriaPeer(victoria)]),
  ];
}

const ok = ({ statusCode }: Dispatcher.ResponseData, what: string): void => {
  if (statusCode >= 300) throw new Error(`${what} was answered with ${statusCode}`);
};

async function post(url: string, body: string): Promise<void> {
  const answer = await request(url, { method: "POST", body });
  await answer.body.dump();
  ok(answer, url);
}

function influxPeer(server: RunningBinary): Peer {
  const { url } = server;
  const ask = (q: string): string => `${url}/query?db=pve&epoch=ms&q=${encodeURIComponent(q)}`;
  return {
    name: "influxdb",
    write: (lines) => post(`${url}/write?db=pve&precision=ms`, lines),
    questions: ({ fromMs, toMs, vmid }) => {
      const range = `time >= ${fromMs}ms AND time < ${toMs}ms`;
      return [
        [
          ask(
            `SELECT last(running), last(cpu_ratio), last(mem_used_bytes), last(net_in_bytes_per_second) FROM guest WHERE time >= ${toMs - 60_000}ms AND time < ${toMs}ms GROUP BY vmid`,
          ),
        ],
        [ask(`SELECT mean(cpu_ratio) FROM guest WHERE vmid = '${vmid}' AND ${range} GROUP BY time(5m)`)],
        [
          ask(
            `SELECT sum(w) FROM (SELECT mean(cpu_ratio) * mean(cpu_count) AS w FROM guest WHERE ${range} GROUP BY time(5m), vmid) WHERE ${range} GROUP BY time(5m)`,
          ),
        ],
        [
          ask(`SELECT percentile(cpu_ratio, 95) FROM guest WHERE ${range} GROUP BY vmid`),
          ask(`SELECT percentile(mem_used_bytes, 99) FROM guest WHERE ${range} GROUP BY vmid`),
        ],
        // It has no regression: last less first.
        [
          ask(
            `SELECT top(g, vmid, 20) FROM (SELECT last(mem_used_bytes) - first(mem_used_bytes) AS g FROM guest WHERE ${range} GROUP BY vmid)`,
          ),
        ],
      ];
    },
    close: () => server.close(),
  };
}

function victoriaPeer(server: RunningBinary): Peer {
  const { url } = server;
  return {
    name: "victoria-metrics",
    write: (lines) => post(`${url}/write?precision=ms`, lines),
    questions: ({ fromMs, toMs, vmid }) => {
      const at = (query: string): string =>
        `${url}/api/v1/query?nocache=1&time=${toMs / 1000}&query=${encodeURIComponent(query)}`;
      const range = (query: string): string =>
        `${url}/api/v1/query_range?nocache=1&start=${fromMs / 1000 + 300}&end=${toMs / 1000}&step=300&query=${encodeURIComponent(query)}`;
      const fields = "running|cpu_ratio|mem_used_bytes|net_in_bytes_per_second";
      return [
        [at(`last_over_time({__name__=~"guest_(${fields})"}[60s])`)],
        [range(`avg_over_time(guest_cpu_ratio{vmid="${vmid}"}[5m])`)],
        [range("sum(avg_over_time(guest_cpu_ratio[5m]) * avg_over_time(guest_cpu_count[5m]))")],
        [at("quantile_over_time(0.95, guest_cpu_ratio[1h])"), at("quantile_over_time(0.99, guest_mem_used_bytes[1h])")],
        [at("topk(20, deriv(guest_mem_used_bytes[1h]))")],
      ];
    },
    close: () => server.close(),
  };
}

/** Line protocol of a batch of guests, formatted by hand: a client library takes twice the time. */
export function linesOf(batch: Batch): string {
  const lines: string[] = [];
  for (const { id, node, ts, values } of rowsOf(batch)) {
    const vmid = id.slice(id.lastIndexOf("/") + 1, id.indexOf("~"));
    const fields = Object.entries(values).map(([name, value]) => `${name}=${value}`);
    lines.push(`guest,cluster=bench,node=${node},vmid=${vmid} ${fields.join(",")} ${ts}`);
  }
  return lines.join("\n");
}
