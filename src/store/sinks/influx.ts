// InfluxDB 1, 2 and 3, and VictoriaMetrics by the same line protocol.
import { influxOptionsOf } from "../drivers/influx/influx-options.ts";
import { InfluxReader } from "../drivers/influx/influx-reader.ts";
import { InfluxServer } from "../drivers/influx/influx-server.ts";
import { InfluxSink } from "../drivers/influx/influx-sink.ts";
import type { SinkKind } from "./sink-kind.ts";

export const influx: SinkKind = {
  kind: "influx",
  summary: "InfluxDB 1, 2 and 3, or VictoriaMetrics",
  open: async ({ name, options }, { clock, tags }) =>
    Promise.resolve(new InfluxSink({ name, options: influxOptionsOf(name, options), clock, tags })),
  reader: ({ name, options }) =>
    new InfluxReader({ sink: name, server: new InfluxServer(influxOptionsOf(name, options)) }),
};
