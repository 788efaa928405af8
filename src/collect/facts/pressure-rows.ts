// Rows of RRD fields that the export does not carry, at a minute each, for the time since the last reading.
import { findMetric } from "../../model/metrics.ts";
import { type RrdQuery, rrdData } from "../../pve/index.ts";
import type { FactContext } from "./fact-reader.ts";
import type { FactRow } from "./fact-rows.ts";

export interface PressureSubject {
  readonly kind: "node" | "guest";
  readonly id: string;
  readonly where: Pick<RrdQuery, "node" | "guest">;
}

const names: Readonly<Record<string, string>> = {
  pressurecpusome: "psi_cpu_some_percent",
  pressurecpufull: "psi_cpu_full_percent",
  pressureiosome: "psi_io_some_percent",
  pressureiofull: "psi_io_full_percent",
  pressurememorysome: "psi_memory_some_percent",
  pressurememoryfull: "psi_memory_full_percent",
  memavailable: "mem_available_bytes",
  arcsize: "arc_size_bytes",
};

const stepS = 60;
const hourMs = 3_600_000;
/** The newest interval may still be open. */
const openMs = 2 * stepS * 1000;

/** The last hour is a short answer; after a longer pause the day has the same minutes. */
export async function pressureRows(
  { pve, options, lastAt, startedAt, now }: FactContext,
  { kind, id, where }: PressureSubject,
): Promise<FactRow[]> {
  // The import of history brings what was before the first reading. Later ones take up the intervals that were open.
  const since = lastAt === null ? startedAt : lastAt - openMs;
  const timeframe = now - since < hourMs - openMs ? "hour" : "day";
  const { rows } = (await rrdData(pve, { ...where, timeframe, cf: "AVERAGE" }, options)).data;
  return rows
    .filter(({ time }) => time * 1000 > since && time * 1000 <= now - openMs)
    .map((row): FactRow => {
      const values = Object.entries(names).filter(([, metric]) => findMetric(kind, metric) !== undefined);
      return {
        kind,
        id,
        ts: row.time * 1000,
        stepS,
        origin: "rrd-avg",
        node: where.node,
        values: Object.fromEntries(values.map(([field, metric]) => [metric, row[field]])),
      };
    });
}
