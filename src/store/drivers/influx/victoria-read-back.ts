// Reads a batch back from VictoriaMetrics, by its export of what is stored. It keeps milliseconds, and a value only to
// some digits of the largest one that lies near it in its series.
import { entityIdOfTags, measurementOf } from "../../../model/influx-schema.ts";
import type { ExpectedBlock } from "./expected-rows.ts";
import type { InfluxServer } from "./influx-server.ts";

const relativeError = 1e-9;
/** Of a small value beside large ones less is left; a millionth is nothing in any unit of the catalogue. */
const absoluteError = 1e-6;

interface ExportedSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (number | null)[];
  readonly timestamps: readonly number[];
}

export async function hasAllInVictoria(
  server: InfluxServer,
  block: ExpectedBlock,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await exported(server, block, signal);
  return block.points.every(({ id, ms, values }) =>
    Object.entries(values).every(([field, value]) => {
      const stored = found.get(`${id}/${field}/${ms}`);
      return stored?.some((each) => isSame(each, value)) === true;
    }),
  );
}

async function exported(
  server: InfluxServer,
  { kind, ids, fields, fromMs, toMs }: ExpectedBlock,
  signal: AbortSignal,
): Promise<Map<string, number[]>> {
  const measurement = measurementOf(kind);
  const clusters = [...new Set(ids.map((id) => id.split("/")[0] ?? ""))].join("|");
  const names = fields.length > 20 ? ".+" : `(${fields.join("|")})`;
  const parameters = new URLSearchParams({
    "match[]": `{__name__=~"${measurement}_${names}",cluster=~"${clusters}"}`,
    start: String(fromMs / 1000),
    end: String(toMs / 1000),
  });
  const { text } = await server.mustAsk("GET", `/api/v1/export?${parameters.toString()}`, { signal, reads: true });
  const found = new Map<string, number[]>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const { metric, values, timestamps } = JSON.parse(line) as ExportedSeries;
    const id = entityIdOfTags(kind, metric);
    const field = (metric["__name__"] ?? "").slice(measurement.length + 1);
    for (const [i, ms] of timestamps.entries()) {
      const key = `${id}/${field}/${ms}`;
      const value = values[i];
      if (value !== null && value !== undefined) found.set(key, [...(found.get(key) ?? []), value]);
    }
  }
  return found;
}

const isSame = (stored: number, value: number): boolean =>
  Math.abs(stored - value) <= Math.max(Math.abs(value) * relativeError, absoluteError);
