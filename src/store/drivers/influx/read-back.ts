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
  return block.points.every(({ id, ms, code, values }) => {
    const stored = found.get(id);
    return Object.entries(values).every(([field, value]) => stored?.get(`${ms}/${code}/${field}`) === value);
  });
}

function statementOf({ kind, ids, fields, fromMs, toMs }: ExpectedBlock): string {
  const clusters = [...new Set(ids.map((id) => id.split("/")[0] ?? ""))];
  const wide = `(${clusters.map((cluster) => `"cluster" = ${quotedText(cluster)}`).join(" OR ")})`;
  const which = ids.length <= namedSeries ? anyOf(kind, ids) : wide;
  const names = fields.map(quotedIdentifier).join(", ");
  return `SELECT ${names} ${fromKind(kind)} WHERE ${which} AND ${within(fromMs, toMs)} GROUP BY ${byIdentity(kind)}`;
}

/** By moment and field. -0 that came back as 0 is the same value. */
function foundOf(
  { kind }: ExpectedBlock,
  { tags = {}, columns, values }: InfluxSeries,
): readonly [EntityId | undefined, ReadonlyMap<string, number>] {
  const found = new Map<string, number>();
  for (const [time, ...row] of values) {
    const { ms, code } = pointTimeOf(String(time));
    for (const [i, value] of row.entries())
      if (typeof value === "number") found.set(`${ms}/${code}/${columns[i + 1]}`, value);
  }
  return [entityIdOfTags(kind, tags), found];
}
