import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExportPoints, exportColumns } from "../../src/pve/calls/export-columns.ts";
import { scanExport } from "../../src/pve/calls/export-scan.ts";
import { readMetricsExport } from "../../src/pve/calls/metrics-export.ts";

const t0 = 1_760_000_000;
const point = (id: string, metric: string, value: unknown, timestamp: unknown = t0) => ({
  id,
  metric,
  timestamp,
  type: "gauge",
  value,
});
const bodyOf = (points: readonly unknown[]): string => JSON.stringify({ data: { data: points } });
const scan = (json: string): ExportPoints | undefined => scanExport(Buffer.from(json));

/** Points as a reader of a test wants them, whichever numbers the dictionaries gave. */
const listed = ({ length, ids, metrics, idIndex, metricIndex, timestampS, value }: ExportPoints): unknown[] =>
  Array.from({ length }, (_, row) => [
    ids[idIndex[row] ?? 0],
    metrics[metricIndex[row] ?? 0],
    timestampS[row],
    value[row],
  ]);

const parsed = (json: string): ExportPoints => readMetricsExport((JSON.parse(json) as { readonly data: unknown }).data);

const numbers = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: 0, max: 1, noNaN: true }).map((value) => Number(value.toPrecision(15))),
  fc.constantFrom(0, -0, 1e22, 1e23, 5e-324, 1.7976931348623157e308, 2 ** 53, 2 ** 53 + 2, 0.1, 123456789012345.6),
);
const names = fc.oneof(
  fc.constantFrom("node/pve1", "qemu/100", "qemu/101", "lxc/7", "storage/pve1/local", "a", ""),
  fc.string({ unit: "grapheme" }),
);
const points = fc.array(
  fc.record({
    id: names,
    metric: fc.oneof(fc.constantFrom("cpu_current", "mem_used", "uptime"), names),
    timestamp: fc.oneof(fc.constantFrom(t0, t0 + 10), numbers),
    type: fc.constantFrom("gauge", "derive", "counter", ""),
    value: numbers,
    order: fc.shuffledSubarray(["id", "metric", "timestamp", "type", "value"] as const, { minLength: 5 }),
  }),
);

describe("reading an export from its bytes", () => {
  it("gives what parsing gives, in any order of the keys, for any text and number", () => {
    fc.assert(
      fc.property(points, (drawn) => {
        const json = bodyOf(
          drawn.map(({ order, ...members }) => Object.fromEntries(order.map((key) => [key, members[key]]))),
        );
        const scanned = scan(json);
        if (scanned !== undefined) expect(listed(scanned)).toEqual(listed(parsed(json)));
        // Only what JSON has to escape in a text makes it give up.
        else expect(json).toMatch(/\\/);
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads numerals as JSON.parse does, digit by digit", () => {
    const numeral = fc
      .tuple(
        fc.constantFrom("", "-"),
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        fc.option(fc.stringMatching(/^[0-9]{1,22}$/), { nil: undefined }),
        fc.option(fc.tuple(fc.constantFrom("e", "E", "e-", "e+"), fc.integer({ min: 0, max: 330 })), {
          nil: undefined,
        }),
      )
      .map(([sign, whole, fraction, exponent]) => {
        const tail = exponent === undefined ? "" : exponent.join("");
        return `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${tail}`;
      });
    fc.assert(
      fc.property(numeral, (text) => {
        const json = bodyOf([point("node/a", "uptime", 7)]).replace(":7", `:${text}`);
        const [value] = scan(json)?.value ?? [];
        const expected = JSON.parse(text) as number;
        // What no double can hold is left to the parser.
        expect(value).toBe(Number.isFinite(expected) ? expected : undefined);
      }),
      { numRuns: 5_000 },
    );
  });

  it("takes a number in quotes, as Perl writes one that was once a text", () => {
    expect([...(scan(bodyOf([point("qemu/100", "cpu_max", "4")]))?.value ?? [])]).toEqual([4]);
  });

  it("reads an export without points", () => {
    expect(scan(bodyOf([]))?.length).toBe(0);
  });

  it.each([
    ["another shape", '{"data":[]}'],
    ["white space", '{ "data":{"data":[]}}'],
    ["a further member", '{"data":{"data":[],"more":1}}'],
    ["text behind the end", `${bodyOf([])} `],
    ["a point without a value", bodyOf([{ id: "a", metric: "b", timestamp: 1, type: "gauge" }])],
    ["an unknown member", bodyOf([{ ...point("a", "b", 1), more: 1 }])],
    [
      "a member twice",
      bodyOf([point("a", "b", 1)])
        .replace('"type"', '"value":2,"type"')
        .replace('"type":"gauge",', ""),
    ],
    ["an escaped text", bodyOf([point('qemu/"1"', "b", 1)])],
    ["a value that is no number", bodyOf([point("a", "b", null)])],
    ["a text that is no number", bodyOf([point("a", "b", "4x")])],
    ["a time in quotes", bodyOf([point("a", "b", 1, "1760000000")])],
    ["a leading zero", bodyOf([point("a", "b", 7)]).replace(":7", ":07")],
    ["a lone minus", bodyOf([point("a", "b", 7)]).replace(":7", ":-")],
    ["a point with nothing behind it", bodyOf([point("a", "b", 7)]).replace(":7", ":7.")],
    ["an exponent without digits", bodyOf([point("a", "b", 7)]).replace(":7", ":7e")],
    ["NaN", bodyOf([point("a", "b", 7)]).replace(":7", ":NaN")],
    ["an entry that is no object", bodyOf([point("a", "b", 7), 5])],
  ])("leaves %s to the parser", (_, json) => {
    expect(scan(json)).toBeUndefined();
  });

  it("gives up wherever the body is cut off", () => {
    const body = Buffer.from(bodyOf([point("qemu/100", "cpu_current", 0.25), point("lxc/7", "mem_used", 1024)]));
    for (let length = 0; length < body.length; length++) expect(scanExport(body.subarray(0, length))).toBeUndefined();
    expect(scanExport(body)?.length).toBe(2);
  });

  it("never reads what the parser refuses, whatever byte is changed", () => {
    const body = Buffer.from(bodyOf([point("qemu/100", "cpu_current", 0.25), point("lxc/7", "mem_used", 1024)]));
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = Buffer.from(body);
        changed[at] = byte;
        const scanned = scanExport(changed);
        if (scanned !== undefined) expect(listed(scanned)).toEqual(listed(parsed(changed.toString())));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("the points of a parsed export", () => {
  it("leave out and count what is no point", () => {
    const columns = exportColumns([null, "text", { id: 5 }, point("a", "b", "NaN"), point("a", "c", "2")]);

    expect(columns.malformed).toBe(3);
    expect(listed(columns)).toEqual([
      ["a", "b", t0, Number.NaN],
      ["a", "c", t0, 2],
    ]);
  });
});
