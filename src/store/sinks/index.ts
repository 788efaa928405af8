// The registry of kinds of sinks. One more is one file in this folder and one line here; its test runs the contract of
// test/store/sink-contract.ts. The embedded database is a sink too, but always there: embedded-sink.ts.
import { influx } from "./influx.ts";
import type { SinkKind } from "./sink-kind.ts";

export const sinkKinds: readonly SinkKind[] = [influx];
