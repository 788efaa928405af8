import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { m4Series, scored } from "../../../bench/m4.ts";
import { parseWide, type WideRow, writeWide } from "../../../src/cli/lab/wide-csv.ts";
import { aSeries } from "../../analyse/forecast/a-series.ts";
import { aFolder, cli } from "../run-in-process.ts";

const oddRows: readonly WideRow[] = [
  { id: "good", values: aSeries({ length: 480 }) },
  { id: "short", values: Float64Array.of(3, 4, 5) },
  { id: "constant", values: new Float64Array(400).fill(6) },
  { id: "empty", values: new Float64Array() },
  { id: "one", values: Float64Array.of(9) },
  { id: "negative", values: aSeries({ length: 480, seed: 2 }).map((value) => value - 200) },
  { id: "zeros", values: aSeries({ length: 480, seed: 3 }).map((value) => Math.max(0, value - 105)) },
  { id: "holes", values: aSeries({ length: 480, seed: 4 }).map((value, hour) => (hour % 31 < 2 ? Number.NaN : value)) },
];

function aTable(rows: readonly WideRow[]): string {
  const folder = aFolder();
  writeFileSync(join(folder, "in.csv"), writeWide(rows));
  return folder;
}

const question = [
  "lab",
  "forecast",
  "--input",
  "in.csv",
  "--horizon",
  "24",
  "--seasons",
  "24,168",
  "--output",
  "F.csv",
];
const intervals = ["--lower", "L.csv", "--upper", "U.csv"];
const table = (cwd: string, file: string): readonly WideRow[] => parseWide(readFileSync(join(cwd, file), "utf8"), file);

describe("lab forecast", () => {
  it("writes a row for every series in its order, and says which ones are naive and why", async () => {
    const cwd = aTable(oddRows);
    const { exitCode, stderr } = await cli([...question, ...intervals], { cwd });
    const [means, lowers, uppers] = ["F.csv", "L.csv", "U.csv"].map((file) => table(cwd, file));

    expect(exitCode).toBe(0);
    for (const rows of [means, lowers, uppers]) expect(rows?.map(({ id }) => id)).toEqual(oddRows.map(({ id }) => id));
    expect(means?.map(({ values }) => values.length)).toEqual([24, 24, 24, 0, 24, 24, 24, 24]);
    expect([...(means?.[2]?.values ?? [])]).toEqual(new Array(24).fill(6));
    expect(lowers?.[0]?.values.every((value, step) => value < (uppers?.[0]?.values[step] ?? 0))).toBe(true);
    expect(stderr).toContain("short: needs 336 values, has 3 values; the best naive forecast stands in its row");
    expect(stderr).toContain("constant: is constant: every value is 6; the best naive forecast stands in its row");
    expect(stderr).toContain("empty: has no values; its row is empty");
    expect(stderr).toMatch(
      /F\.csv: 8 series: 4 forecast, \d of them better than naive on their own past, 4 naive only/,
    );
  });

  it("gives the same files and the same answer with any number of threads", async () => {
    const runs = [];
    for (const threads of ["1", "3"]) {
      const cwd = aTable(oddRows);
      const { stdout } = await cli([...question, ...intervals, "--json", "--threads", threads], { cwd });
      runs.push([stdout, ...["F.csv", "L.csv", "U.csv"].map((file) => readFileSync(join(cwd, file), "utf8"))]);
    }

    expect(runs[1]).toEqual(runs[0]);
    expect(JSON.parse(runs[0]?.[0] ?? "")).toMatchObject({
      series: 8,
      forecast: 4,
      horizon: 24,
      refused: [{ id: "short", code: "too_short" }, { id: "constant" }, { id: "empty", empty: true }, { id: "one" }],
    });
  });

  it.each([
    [["--horizon", "0"], "--horizon takes a whole number from 1 to 10000"],
    [["--seasons", "24,week"], '--seasons takes whole numbers from 2 on, separated by commas, not "24,week".'],
    [["--level", "95"], '--level takes a share from 0.5 to 0.999, not "95".'],
    [["--input", "absent.csv"], "--input absent.csv cannot be read."],
  ])("answers %j with one sentence", async (more, sentence) => {
    const { exitCode, stderr } = await cli([...question, ...more], { cwd: aTable(oddRows) });

    expect(exitCode).toBe(2);
    expect(stderr).toContain(sentence);
  });

  it("names the place of a cell that is no number", async () => {
    const cwd = aFolder();
    writeFileSync(join(cwd, "in.csv"), "id,F1,F2\nH1,1,x\n");

    expect(await cli(question, { cwd })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("in.csv:2, column 3") as string,
    });
  });
});

const hourly = m4Series("Hourly");

describe.skipIf(hourly === undefined)("on the development split of M4's hourly series", () => {
  it("is better than the competition's best, with intervals that hold what they promise", {
    timeout: 180_000,
  }, async () => {
    // Every third series: they are in groups by origin, so that all kinds are among them.
    const series = (hourly ?? []).filter((_, place) => place % 3 === 0);
    const cwd = aTable(series.map(({ id, past }) => ({ id, values: past })));
    await cli([...question.with(5, "48"), ...intervals], { cwd });
    const [means, lowers, uppers] = ["F.csv", "L.csv", "U.csv"].map((file) =>
      table(cwd, file).map(({ values }) => values),
    );
    const nothing = new Float64Array();
    const answers = series.map((_, place) => ({
      mean: means?.[place] ?? nothing,
      lower: lowers?.[place] ?? nothing,
      upper: uppers?.[place] ?? nothing,
    }));
    const { owa, coverage, msis } = scored(series, answers, 24);

    expect(owa).toBeLessThan(0.42);
    expect(coverage).toBeGreaterThan(0.93);
    expect(coverage).toBeLessThan(0.97);
    expect(msis).toBeLessThan(7.5);
  });
});
