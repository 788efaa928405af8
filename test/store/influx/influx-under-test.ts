// Real servers for the tests of InfluxDB: one influxd and one victoria-metrics per test file, a database per test.
import { afterAll, beforeAll } from "vitest";
import { systemClock } from "../../../src/lib/clock.ts";
import { parseEntityId } from "../../../src/model/ids.ts";
import { defaultInfluxOptions, type InfluxOptions } from "../../../src/store/drivers/influx/influx-options.ts";
import { InfluxServer } from "../../../src/store/drivers/influx/influx-server.ts";
import { InfluxSink } from "../../../src/store/drivers/influx/influx-sink.ts";
import { anyOf, fromKind } from "../../../src/store/drivers/influx/influxql.ts";
import { pointTimeOf } from "../../../src/store/drivers/influx/point-time.ts";
import { debianBinary, type RunningBinary, startInflux, startVictoriaMetrics } from "../../debian-binaries.ts";
import type { SinkUnderTest } from "../sink-contract.ts";

/** Null where they cannot be had: without apt, or without a network at first use. The tests then say so by being skipped. */
export const influxd = debianBinary("influxdb");
export const victoriaMetrics = debianBinary("victoria-metrics");
if (process.env["CI"] === "true" && (influxd === undefined || victoriaMetrics === undefined))
  throw new Error(
    "influxdb and victoria-metrics cannot be had from Debian here: apt-get download influxdb victoria-metrics",
  );

let databases = 0;

/** Starts a server for the tests of the file and ends it after them. */
export function runningInflux(): () => string {
  let server: RunningBinary | undefined;
  beforeAll(async () => {
    server = await startInflux();
  }, 60_000);
  afterAll(async () => server?.close());
  return () => server?.url ?? "";
}

export function runningVictoria(): () => string {
  let server: RunningBinary | undefined;
  beforeAll(async () => {
    server = await startVictoriaMetrics();
  }, 60_000);
  afterAll(async () => server?.close());
  return () => server?.url ?? "";
}

/** Options for a database that no other test has; it is not there yet. */
export const freshOptions = (url: string, other: Partial<InfluxOptions> = {}): InfluxOptions => ({
  ...defaultInfluxOptions,
  url,
  bucket: `test${++databases}`,
  ...other,
});

export const influxSink = (options: InfluxOptions): InfluxSink =>
  new InfluxSink({ name: "influx", options, clock: systemClock, tags: null });

/** What the server itself has of a guest's CPU, asked past everything of ours that is under test but quoting. */
export async function cpuInInflux(options: InfluxOptions, id: string): Promise<(readonly [number, number])[]> {
  const server = new InfluxServer(options);
  try {
    const kind = parseEntityId(id)?.kind ?? "guest";
    const field = kind === "storage" ? "used_bytes" : "cpu_ratio";
    const series = await server.query(`SELECT "${field}" ${fromKind(kind)} WHERE ${anyOf(kind, [id])} GROUP BY *`);
    const points = series.flatMap(({ values }) =>
      values.map(([time, value]) => [pointTimeOf(String(time)).ms, Number(value)] as const),
    );
    return points.sort(([a], [b]) => a - b);
  } finally {
    await server.close();
  }
}

export function influxUnderTest(options: InfluxOptions): SinkUnderTest {
  const sink = influxSink(options);
  return { sink, read: async (id) => cpuInInflux(options, id), close: async () => sink.close() };
}

export async function cpuInVictoria(url: string, id: string): Promise<(readonly [number, number])[]> {
  const [cluster = "", kind = "", key = ""] = id.split("/");
  const [vmid = "", generation = ""] = key.split("~");
  const labels =
    kind === "guest"
      ? `vmid="${vmid}",generation="${generation}"`
      : kind === "node"
        ? `node="${key}"`
        : `storage=~".+"`;
  const field = kind === "storage" ? "used_bytes" : "cpu_ratio";
  await fetch(`${url}/internal/force_flush`);
  const parameters = new URLSearchParams({
    "match[]": `{__name__="pve_${kind}_${field}",cluster="${cluster}",${labels}}`,
    start: "0",
  });
  const text = await (await fetch(`${url}/api/v1/export?${parameters.toString()}`)).text();
  const points = text
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const { values, timestamps } = JSON.parse(line) as { values: number[]; timestamps: number[] };
      return timestamps.map((ts, i) => [ts, values[i] ?? Number.NaN] as const);
    });
  return points.sort(([a], [b]) => a - b);
}
