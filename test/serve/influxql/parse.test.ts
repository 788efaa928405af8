import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/lib/errors.ts";
import { parseQuery } from "../../../src/serve/influxql/parse.ts";
import type { Select } from "../../../src/serve/influxql/query.ts";

const now = Date.UTC(2026, 0, 5, 12);

function select(query: string): Select {
  const [statement] = parseQuery(query, now);
  if (statement?.type !== "select") throw new TypeError("no SELECT");
  return statement;
}

describe("an InfluxQL query", () => {
  it("as Grafana writes it for a panel is understood", () => {
    const asked = select(
      `SELECT mean("cpu_ratio") * 100 AS "CPU" FROM "autogen"."pve_guest" WHERE ("cluster" = 'lab' AND "vmid" =~ /^(100|101)$/) AND time >= 1767600000000ms and time <= 1767607200000ms GROUP BY time(1m, 30s), "vmid" fill(none) ORDER BY time DESC LIMIT 10`,
    );

    expect(asked).toMatchObject({
      from: "pve_guest",
      columns: [{ name: "CPU", expression: { type: "operation", operator: "*", right: { value: 100 } } }],
      tags: [
        { tag: "cluster", negated: false, matches: { values: ["lab"] } },
        { tag: "vmid", negated: false, matches: { pattern: "^(100|101)$" } },
      ],
      time: { fromMs: 1_767_600_000_000, toMs: 1_767_607_200_001 },
      groupByMs: 60_000,
      offsetMs: 30_000,
      groupByTags: ["vmid"],
      fill: "none",
      descending: true,
      limit: 10,
    });
  });

  it("takes time from now, from text, in nanoseconds and with durations added", () => {
    const from = (bound: string): number | null => select(`SELECT last(a) FROM m WHERE time >= ${bound}`).time.fromMs;

    expect(from("now() - 1h + 5m")).toBe(now - 55 * 60_000);
    expect(from("'2026-01-05T11:00:00Z'")).toBe(now - 3_600_000);
    expect(from("'2026-01-05 11:00:00'")).toBe(now - 3_600_000);
    expect(from("'2026-01-05'")).toBe(Date.UTC(2026, 0, 5));
    expect(from("1767607200000000000")).toBe(1_767_607_200_000);
  });

  it("understands several values of a variable, subqueries, several statements and fill", () => {
    expect(select(`SELECT mean(a) FROM m WHERE (vmid = '1' OR vmid = '2' OR vmid = '3')`).tags).toEqual([
      { tag: "vmid", negated: false, matches: { values: ["1", "2", "3"] } },
    ]);
    const nested = select("SELECT sum(c) FROM (SELECT mean(a) AS c FROM m GROUP BY time(5m), vmid) GROUP BY time(5m)");
    expect(nested.from).toMatchObject({ from: "m", columns: [{ name: "c" }], groupByTags: ["vmid"] });
    expect(parseQuery("SHOW MEASUREMENTS LIMIT 5; SELECT last(a) FROM m;", now)).toHaveLength(2);
    expect(select("SELECT max(a) FROM m GROUP BY time(1h) fill(-1.5)").fill).toBe(-1.5);
  });

  it("names columns after their functions", () => {
    const names = select("SELECT mean(a), mean(b), percentile(c, 95), mean(a) / max(b), d FROM m").columns;

    expect(names.map(({ name }) => name)).toEqual(["mean", "mean_1", "percentile", "mean_max", "d"]);
  });

  it("lists what there is", () => {
    expect(
      parseQuery(`SHOW TAG VALUES ON "pve" FROM "pve_guest" WITH KEY = "vmid" WHERE cluster = 'lab'`, now),
    ).toEqual([
      {
        type: "show-tag-values",
        from: "pve_guest",
        key: "vmid",
        tags: [{ tag: "cluster", negated: false, matches: { values: ["lab"] } }],
        limit: null,
      },
    ]);
    expect(parseQuery("show field keys from pve_node", now)).toEqual([{ type: "show-field-keys", from: "pve_node" }]);
  });

  it("keeps what stands between quotes a value", () => {
    const [tag] = select(
      `SELECT last(a) FROM m WHERE node = 'x'' OR 1=1; DROP DATABASE pve'`.replace("''", "\\'"),
    ).tags;

    expect(tag?.matches).toEqual({ values: ["x' OR 1=1; DROP DATABASE pve"] });
  });

  it.each([
    ["", "empty"],
    ["DROP DATABASE pve", "SELECT or SHOW"],
    ["SELECT * FROM m", "a field or a function"],
    ["SELECT derivative(a) FROM m", "no function derivative()"],
    ["SELECT mean(a) INTO x FROM m", "FROM"],
    ["SELECT mean(a) FROM m WHERE node = 'a' OR vmid = '2'", "; or the end"],
    ["SELECT mean(a) FROM m WHERE (node = 'a' OR vmid = '2')", "one tag only"],
    ["SELECT mean(a) FROM m WHERE time > 'yesterday'", "no moment"],
    ["SELECT mean(a) FROM m WHERE a > 5", "=, !=, =~ or !~"],
    ["SELECT mean(a) FROM m GROUP BY time(10ms)", "a second at least"],
    ["SELECT mean(a) FROM m GROUP BY *", "time(…) or a tag"],
    ["SELECT percentile(a, 200) FROM m", "at most 100"],
    ["SELECT mean(a) FROM (SELECT b FROM (SELECT c FROM d))", "subquery of its own"],
    ["SHOW SERIES", "a list to show"],
    ["SELECT mean(a) FROM m WHERE node = 'a", "Nothing begins"],
    [`SELECT ${"(".repeat(50)}a${")".repeat(50)} FROM m`, "too deeply"],
  ])("refuses %j and says why", (query, why) => {
    expect(() => parseQuery(query, now)).toThrow(InputError);
    expect(() => parseQuery(query, now)).toThrow(why);
  });

  it("never fails otherwise than with a sentence, whatever is asked", () => {
    const words = fc.constantFrom(
      ..."SELECT FROM WHERE GROUP BY time ( ) , ; mean percentile fill null AS and or = =~ != >= < 5m 95 'x' \"y\" /a/ now - + * . SHOW TAG VALUES WITH KEY LIMIT ORDER DESC".split(
        " ",
      ),
    );
    const text = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.array(words, { maxLength: 30 }).map((list) => list.join(" ")),
      fc.array(words, { maxLength: 20 }).map((list) => `SELECT mean(a) FROM m ${list.join(" ")}`),
    );
    fc.assert(
      fc.property(text, (query) => {
        try {
          expect(parseQuery(query, now).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
