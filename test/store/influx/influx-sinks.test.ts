// The contract of sinks, over a real InfluxDB 1.6 and a real VictoriaMetrics.
import { describe } from "vitest";
import { startVictoriaMetrics } from "../../debian-binaries.ts";
import { sinkContract } from "../sink-contract.ts";
import {
  cpuInVictoria,
  freshOptions,
  influxd,
  influxSink,
  influxUnderTest,
  runningInflux,
  victoriaMetrics,
} from "./influx-under-test.ts";

describe.skipIf(influxd === undefined)("a real influxd", () => {
  const url = runningInflux();
  sinkContract("influx", { repeatsBy: "row" }, async () => influxUnderTest(freshOptions(url())));
});

describe.skipIf(victoriaMetrics === undefined)("a real victoria-metrics", () => {
  // It has no databases, so each test gets a server of its own.
  sinkContract("victoria-metrics", { repeatsBy: "row", precision: 1e-12 }, async () => {
    const server = await startVictoriaMetrics();
    const url = server?.url ?? "";
    const sink = influxSink(freshOptions(url));
    return {
      sink,
      read: async (id) => cpuInVictoria(url, id),
      settle: async () => {
        await fetch(`${url}/internal/force_flush`);
      },
      close: async () => {
        await sink.close();
        await server?.close();
      },
    };
  });
});
