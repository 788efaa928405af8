// The sinks' part of /metrics: one series of each per sink.
import { Gauge, type Registry } from "prom-client";
import { type SinkStatus, sinkStates } from "../model/sink.ts";

type NumberOfSink = "batchesPending" | "batchesUnverified" | "batchesDropped" | "batchesResent" | "rowsRejected";

const sinkMetrics: Readonly<Record<NumberOfSink, readonly [name: string, help: string]>> = {
  batchesPending: ["pilothouse_sink_batches_pending", "Batches in the journal that the sink does not have yet"],
  batchesUnverified: ["pilothouse_sink_batches_unverified", "Batches delivered and not read back yet"],
  batchesDropped: ["pilothouse_sink_batches_dropped", "Batches that the journal let go before the sink took them"],
  batchesResent: ["pilothouse_sink_batches_resent", "Batches acknowledged, not found again, and sent once more"],
  rowsRejected: ["pilothouse_sink_rows_rejected", "Rows in the dead-letter file of the sink"],
};

/** Returns what sets them. */
export function addSinkGauges(registers: Registry[]): (sinks: readonly SinkStatus[]) => void {
  const gauges = Object.entries(sinkMetrics).map(
    ([key, [name, help]]) => [key as NumberOfSink, new Gauge({ name, help, labelNames: ["sink"], registers })] as const,
  );
  const rows = new Gauge({
    name: "pilothouse_sink_rows_written",
    help: "Rows written into the sink since the start, repetitions included",
    labelNames: ["sink"],
    registers,
  });
  const state = new Gauge({
    name: "pilothouse_sink_state",
    help: "1 for the state that the sink is in",
    labelNames: ["sink", "state"],
    registers,
  });
  return (sinks) => {
    for (const sink of sinks) {
      for (const [key, gauge] of gauges) gauge.set({ sink: sink.name }, sink[key]);
      rows.set({ sink: sink.name }, sink.traffic.rows);
      for (const each of sinkStates) state.set({ sink: sink.name, state: each }, each === sink.state ? 1 : 0);
    }
  };
}
