// InfluxDB 1, 2 and 3, and VictoriaMetrics by the same line protocol.
import { influxOptionsOf } from "../drivers/influx/influx-options.ts";
import { InfluxSink } from "../drivers/influx/influx-sink.ts";
import type { SinkKind } from "./sink-kind.ts";

export const influx: SinkKind = {
  kind: "influx",
  summary: "InfluxDB 1, 2 and 3, or VictoriaMetrics",
  open: async ({ name, options }, { clock, tags }) =>
    Promise.resolve(new InfluxSink({ name, options: influxOptionsOf(name, options), clock, tags })),
};
