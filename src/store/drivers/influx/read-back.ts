// Reads a batch back from InfluxDB: every value of every row, to the last bit.
import type { EntityId } from "../../../model/ids.ts";
import { entityIdOfTags } from "../../../model/influx-schema.ts";
import type { ExpectedBlock } from "./expected-rows.ts";
import type { InfluxSeries, InfluxServer } from "./influx-server.ts";
import { anyOf, byIdentity, fromKind, quotedIdentifier, quotedText, within } from "./influxql.ts";
import { pointTimeOf } from "./point-time.ts";

/** So many series are named one by one; of more, everything of the cluster in that time is read. */
const namedSeries = 100;

export async function hasAll(server: InfluxServer, block: ExpectedBlock, signal: AbortSignal): Promise<boolean> {
  const answer = await server.query(statementOf(block), { signal });
  const found = new Map(answer.map((series) => foundOf(block, series)));
  const place = new Map(block.fields.map((field, number) => [field, number + 1]));
  return block.points.every(({ id, ms, code, values }) => {
    const stored = found.get(id)?.get(`${ms}/${code}`);
    // -0 that came back as 0 is the same value.
    return (
      stored !== undefined && Object.entries(values).every(([field, value]) => stored[place.get(field) ?? 0] === value)
    );
  });
}

function statementOf({ kind, ids, fields, fromMs, toMs }: ExpectedBlock): string {
  const clusters = [...new Set(ids.map((id) => id.split("/")[0] ?? ""))];
  const wide = `(${clusters.map((cluster) => `"cluster" = ${quotedText(cluster)}`).join(" OR ")})`;
  const which = ids.length <= namedSeries ? anyOf(kind, ids) : wide;
  const names = fields.map(quotedIdentifier).join(", ");
  return `SELECT ${names} ${fromKind(kind)} WHERE ${which} AND ${within(fromMs, toMs)} GROUP BY ${byIdentity(kind)}`;
}

type StoredRow = InfluxSeries["values"][number];

/** By moment; the columns are the time and the fields in their order. */
function foundOf(
  { kind }: ExpectedBlock,
  { tags = {}, values }: InfluxSeries,
): readonly [EntityId | undefined, ReadonlyMap<string, StoredRow>] {
  const rows = values.map((row): [string, StoredRow] => {
    const { ms, code } = pointTimeOf(String(row[0]));
    return [`${ms}/${code}`, row];
  });
  return [entityIdOfTags(kind, tags), new Map(rows)];
}
