import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseWide, writeWide } from "../../../src/cli/lab/wide-csv.ts";

describe("M4's wide tables", () => {
  it("are read with empty cells at the end left out and between values kept as missing", () => {
    const rows = parseWide('V1,V2,V3,V4,V5\r\n"H1","1","2.5",,\r\nH2,,3,NA,-4e2\r\n\r\nH3,,,,\r\n', "x.csv");

    expect(rows.map(({ id, values }) => [id, [...values]])).toEqual([
      ["H1", [1, 2.5]],
      ["H2", [Number.NaN, 3, Number.NaN, -400]],
      ["H3", []],
    ]);
  });

  it("say where a cell is no number and where an id is missing", () => {
    expect(() => parseWide("id,F1,F2\nH1,1,2\nH2,1,abc\n", "x.csv")).toThrow(
      'x.csv:3, column 3: "abc" is no number; leave the cell empty where nothing was measured.',
    );
    expect(() => parseWide("id,F1\n,1\n", "x.csv")).toThrow("x.csv:2: the first cell must be the id of the series");
    expect(() => parseWide("id,F1\nH1,Infinity\n", "x.csv")).toThrow("is no number");
  });

  it("are written so that what is read again is the same", () => {
    const value = fc.oneof(fc.double({ min: -1e12, max: 1e12, noNaN: true }), fc.constant(Number.NaN));
    const ids = fc.string({ minLength: 1 }).filter((id) => id.trim() === id && !/[\r\n\uFEFF]/.test(id));
    const rows = fc.array(fc.record({ id: ids, values: fc.array(value, { maxLength: 5 }) }));
    fc.assert(
      fc.property(rows, (given) => {
        const table = given.map(({ id, values }) => ({ id, values: Float64Array.from(values) }));
        const read = parseWide(writeWide(table), "x.csv");
        expect(read.map(({ id }) => id)).toEqual(given.map(({ id }) => id));
        for (const [row, { values }] of read.entries())
          for (const [step, cell] of values.entries()) {
            const written = given[row]?.values[step] ?? Number.NaN;
            if (Number.isNaN(written)) expect(cell).toBeNaN();
            else expect(Math.abs(cell - written)).toBeLessThanOrEqual(1e-9 * Math.abs(written));
          }
      }),
    );
  });
});
