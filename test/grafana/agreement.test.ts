// Our InfluxQL beside a real InfluxDB over the same week: what both understand, both answer alike.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differences } from "./compare-answers.ts";
import { simulatedWeek } from "./simulated-week.ts";
import { ask, embeddedSource, influxSource, type Source } from "./two-sources.ts";

const week = simulatedWeek(Date.UTC(2026, 2, 9, 12));
let embedded: Source;
let influx: Source | undefined;

beforeAll(async () => {
  embedded = await embeddedSource(week);
  influx = await influxSource(week);
}, 180_000);
afterAll(async () => {
  await embedded.close();
  await influx?.close();
});

const all = `time >= ${week.fromMs}ms AND time <= ${week.toMs}ms`;
/** Ragged at both ends, as Grafana's ranges are. */
const ragged = `time >= ${week.fromMs + 7_123_456}ms AND time <= ${week.toMs - 4_321_987}ms`;
const day = `time >= ${week.toMs - 86_400_000}ms AND time <= ${week.toMs}ms`;

const queries: readonly (readonly [what: string, query: string])[] = [
  ["means by the hour", `SELECT mean("cpu_ratio") FROM "pve_node" WHERE ${all} GROUP BY time(1h), "node" fill(null)`],
  [
    "means of ragged ends",
    `SELECT mean("cpu_ratio") FROM "pve_guest" WHERE ${ragged} GROUP BY time(30m), "vmid" fill(null)`,
  ],
  [
    "means of days",
    `SELECT mean("cpu_ratio"), max("cpu_ratio"), min("mem_used_bytes") FROM "pve_guest" WHERE ${all} GROUP BY time(1d), "vmid" fill(none)`,
  ],
  ["an offset", `SELECT mean("cpu_ratio") FROM "pve_guest" WHERE ${ragged} GROUP BY time(2h, 10m), "vmid" fill(none)`],
  [
    "several things in one group",
    `SELECT mean("cpu_ratio"), max("cpu_ratio"), min("cpu_ratio") FROM "pve_guest" WHERE ${ragged} GROUP BY time(1h), "node" fill(null)`,
  ],
  ["one number of it all", `SELECT mean("cpu_ratio"), max("cpu_ratio") FROM "pve_node" WHERE ${all}`],
  [
    "one number each",
    `SELECT mean("cpu_ratio"), max("mem_used_bytes"), min("cpu_ratio") FROM "pve_guest" WHERE ${all} GROUP BY "vmid"`,
  ],
  [
    "fill by what was before",
    `SELECT last("used_bytes") FROM "pve_pool" WHERE ${day} GROUP BY time(1h), "node" fill(previous)`,
  ],
  [
    "fill by a line",
    `SELECT mean("temperature_celsius") FROM "pve_disk" WHERE ${day} GROUP BY time(2h), "storage" fill(linear)`,
  ],
  ["fill by a number", `SELECT mean("used_bytes") FROM "pve_pool" WHERE ${day} GROUP BY time(1h), "node" fill(0)`],
  [
    "arithmetic",
    `SELECT mean("mem_used_bytes") / mean("mem_total_bytes") * 100 - 1 AS "used" FROM "pve_node" WHERE ${all} GROUP BY time(6h), "node" fill(null)`,
  ],
  [
    "sum over means",
    `SELECT sum("cores") FROM (SELECT mean("cpu_ratio") * mean("cpu_count") AS "cores" FROM "pve_guest" WHERE ${ragged} GROUP BY time(30m), "cluster", "vmid") WHERE ${ragged} GROUP BY time(30m), "cluster" fill(null)`,
  ],
  [
    "count over means",
    `SELECT count("v"), max("v"), mean("v"), percentile("v", 90) FROM (SELECT mean("cpu_ratio") AS "v" FROM "pve_guest" WHERE ${all} GROUP BY time(6h), "vmid") WHERE ${all} GROUP BY time(6h) fill(none)`,
  ],
  [
    "conditions outside a subquery",
    `SELECT sum("v") FROM (SELECT mean("mem_total_bytes") AS "v" FROM "pve_node" GROUP BY time(1h), "node") WHERE ${day} AND "node" != 'pve1' GROUP BY time(1h) fill(none)`,
  ],
  [
    "samples counted",
    `SELECT count("cpu_ratio"), sum("running"), first("cpu_ratio") FROM "pve_guest" WHERE ${day} AND "vmid" = '104' GROUP BY time(3h) fill(none)`,
  ],
  [
    "percentiles in windows",
    `SELECT percentile("cpu_ratio", 95), median("cpu_ratio") FROM "pve_guest" WHERE ${day} GROUP BY time(6h), "vmid" fill(none)`,
  ],
  [
    "patterns",
    `SELECT mean("cpu_ratio") FROM "pve_guest" WHERE ("vmid" =~ /^(101|102|11.)$/) AND "type" !~ /lx/ AND ${day} GROUP BY "vmid"`,
  ],
  ["the newest of days", `SELECT last("cpu_ratio") FROM "pve_guest" WHERE ${all} GROUP BY time(1d), "vmid" fill(none)`],
  [
    "descending, a few",
    `SELECT mean("cpu_ratio") FROM "pve_node" WHERE ${day} GROUP BY time(1h), "node" fill(null) ORDER BY time DESC LIMIT 5`,
  ],
  [
    "several statements",
    `SELECT mean("cpu_ratio") FROM "pve_node" WHERE ${day} GROUP BY time(6h); SELECT max("nodes_online") FROM "pve_cluster" WHERE ${day} GROUP BY time(6h)`,
  ],
  ["tags that are not there", `SELECT mean("cpu_ratio") FROM "pve_node" WHERE ${day} GROUP BY "node", "storage"`],
  ["no such guest", `SELECT mean("cpu_ratio") FROM "pve_guest" WHERE ${day} AND "vmid" = '999' GROUP BY time(1h)`],
];

describe("our InfluxQL and InfluxDB's", () => {
  it.each(queries)("agree on %s", async (_what, query) => {
    if (influx === undefined) return;
    const theirs = await ask(influx, query);

    expect(differences(await ask(embedded, query), theirs).slice(0, 5)).toEqual([]);
  });

  it("differ where InfluxDB makes 0 of what is nothing: a division by zero", async () => {
    const query = `SELECT max("temperature_celsius") / max("pending_sectors") AS "x" FROM "pve_disk" WHERE ${all}`;

    expect((await ask(embedded, query)).results[0]?.series?.[0]?.values).toEqual([[week.fromMs, null]]);
    if (influx !== undefined)
      expect((await ask(influx, query)).results[0]?.series?.[0]?.values).toEqual([[week.fromMs, 0]]);
  });
});
