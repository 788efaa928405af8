// The samples of the last half hour, every ten seconds one, as a node's pvestatd keeps them.
import { list, record } from "../read.ts";
import type { PveAnswer } from "../request.ts";
import type { CallOptions, PveReader } from "./call-options.ts";
import { type ExportPoints, exportColumns } from "./export-columns.ts";
import { scanExport } from "./export-scan.ts";

export interface MetricsExportQuery {
  /** Whose endpoint to ask. */
  readonly node?: string;
  /** Seconds since the epoch by the node's clock; only points after it. Has an effect only together with `history`. */
  readonly startTime?: number;
  readonly history: boolean;
  /** Only the asked node's own points; needs `node`, and never falls back to another endpoint. */
  readonly localOnly: boolean;
  /** The points of these nodes, fetched by the node that is asked (pve-manager 9.0.8). */
  readonly nodeList?: readonly string[];
}

/** Points oldest first, as PVE sorts them; what they say is checked by whoever uses them. */
export const readMetricsExport = (data: unknown): ExportPoints => exportColumns(list(record(data)["data"]));

export function metricsExport(
  pve: PveReader,
  { node, startTime, history, localOnly, nodeList }: MetricsExportQuery,
  options: CallOptions = {},
): Promise<PveAnswer<ExportPoints>> {
  return pve.get({
    ...options,
    path: "/cluster/metrics/export",
    query: {
      history: history ? true : undefined,
      "local-only": localOnly ? true : undefined,
      "node-list": nodeList?.join(","),
      "start-time": startTime === undefined ? undefined : Math.floor(startTime),
    },
    ...(node === undefined ? {} : { node, direct: localOnly }),
    forwards: !localOnly,
    kind: "export",
    readBytes: scanExport,
    read: readMetricsExport,
  });
}
