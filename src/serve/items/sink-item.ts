// A sink as the API shows it.
import { z } from "zod";
import { type SinkStatus, sinkStates } from "../../model/sink.ts";
import { isoTime } from "./time.ts";

const time = z.string().nullable().describe("ISO 8601, UTC");

export const SinkItem = z
  .object({
    name: z.string(),
    kind: z.string(),
    state: z.enum(sinkStates).describe("`held`: only a person can help; nothing is dropped meanwhile"),
    reason: z.string().nullable().describe("One sentence on what is in the way"),
    since_at: time,
    last_delivered_at: time,
    batches_pending: z.number().describe("In the journal, not delivered yet"),
    batches_unverified: z.number().describe("Delivered, not read back yet; the journal keeps them"),
    batches_dropped: z.number().describe("Ever: the journal let go of them before they were delivered"),
    batches_resent: z.number().describe("Ever: acknowledged, not found by the read-back, sent again"),
    rows_rejected: z.number().describe("Ever: in the dead-letter file"),
    rows_written: z.number().describe("Since the start, repetitions included"),
    backfill: z
      .object({ done: z.number(), total: z.number() })
      .nullable()
      .describe("Hours of stored history that a sink which came later was given"),
  })
  .meta({ id: "Sink" });
export type SinkItem = z.infer<typeof SinkItem>;

export const sinkItem = (sink: SinkStatus): SinkItem => ({
  name: sink.name,
  kind: sink.kind,
  state: sink.state,
  reason: sink.reason,
  since_at: isoTime(sink.since),
  last_delivered_at: isoTime(sink.lastDeliveredAt),
  batches_pending: sink.batchesPending,
  batches_unverified: sink.batchesUnverified,
  batches_dropped: sink.batchesDropped,
  batches_resent: sink.batchesResent,
  rows_rejected: sink.rowsRejected,
  rows_written: sink.traffic.rows,
  backfill: sink.backfill === null ? null : { done: sink.backfill.done, total: sink.backfill.total },
});
