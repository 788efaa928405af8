import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseNab, writeNab } from "../../src/cli/lab/nab-csv.ts";
import { createRandom } from "../../src/simulator/random.ts";
import { aFolder, cli } from "./run-in-process.ts";

/** Rows of a quiet series with one spike, five minutes apart. */
function rowsOf(count: number, spikeAt: number): readonly string[] {
  const random = createRandom(7);
  return Array.from({ length: count }, (_, row) => {
    const time = new Date(Date.UTC(2014, 3, 1) + row * 300_000).toISOString().slice(0, 19).replace("T", " ");
    return `${time},${(row === spikeAt ? 99 : random.between(10, 20)).toFixed(3)}`;
  });
}

const fileOf = (rows: readonly string[]): string => `timestamp,value\n${rows.join("\n")}\n`;

function aFile(text: string): { readonly cwd: string; readonly input: string } {
  const cwd = aFolder();
  const input = join(cwd, "in.csv");
  writeFileSync(input, text);
  return { cwd, input };
}

const scored = (file: string): readonly (readonly string[])[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(","));

describe("pilothouse lab anomalies", () => {
  it("adds a score from 0 to 1 to every row, in the order of the file, highest at the spike", async () => {
    const rows = rowsOf(600, 450);
    const { cwd } = aFile(fileOf(rows));
    const { exitCode, stderr } = await cli(["lab", "anomalies", "--input", "in.csv", "--output", "out.csv"], { cwd });
    expect(exitCode, stderr).toBe(0);
    const [header, ...lines] = scored(join(cwd, "out.csv"));
    expect(header).toEqual(["timestamp", "value", "anomaly_score"]);
    expect(lines.map(([timestamp, value]) => `${timestamp},${value}`)).toEqual(rows);
    const scores = lines.map(([, , score]) => Number(score));
    expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
    expect(scores.indexOf(Math.max(...scores))).toBe(450);
    expect(stderr).toMatch(/: 1 file, 600 rows, \d+ unusual/);
  });

  it("scores what is there: rows that come later change nothing before them", async () => {
    const rows = rowsOf(600, 450);
    const { cwd } = aFile(fileOf(rows));
    writeFileSync(join(cwd, "part.csv"), fileOf(rows.slice(0, 480)));
    await cli(["lab", "anomalies", "--input", "in.csv", "--output", "all-scored.csv"], { cwd });
    await cli(["lab", "anomalies", "--input", "part.csv", "--output", "part-scored.csv"], { cwd });
    expect(scored(join(cwd, "all-scored.csv")).slice(0, 481)).toEqual(scored(join(cwd, "part-scored.csv")));
  });

  it("keeps the tree of a folder, and sums up as JSON", async () => {
    const cwd = aFolder();
    for (const [place, name] of ["data/a/one.csv", "data/b/deep/two.csv", "data/readme.txt"].entries()) {
      mkdirSync(join(cwd, name, ".."), { recursive: true });
      writeFileSync(join(cwd, name), fileOf(rowsOf(100 + place, 90)));
    }
    const { exitCode, stdout } = await cli(["lab", "anomalies", "--input", "data", "--output", "out", "--json"], {
      cwd,
    });
    expect(exitCode).toBe(0);
    expect(readdirSync(join(cwd, "out"), { recursive: true }).sort()).toEqual([
      "a",
      join("a", "one.csv"),
      "b",
      join("b", "deep"),
      join("b", "deep", "two.csv"),
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      output: join(cwd, "out"),
      rows: 201,
      missing: 0,
      unordered: 0,
      files: [{ rows: 100 }, { rows: 101 }],
      problems: [],
    });
  });

  it("says which rows have no value and which are not later than the one before, and scores the rest", async () => {
    const rows = rowsOf(200, 150).map((row, at) => (at % 50 === 3 ? `${row.split(",")[0]},` : row));
    const { cwd, input } = aFile(fileOf([...rows.slice(0, 100), rows[90] ?? "", ...rows.slice(100)]));
    const { exitCode, stderr } = await cli(["lab", "anomalies", "--input", "in.csv", "--output", "o.csv"], { cwd });
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`${input}: 4 rows without a value, scored 0`);
    expect(stderr).toContain(`${input}: 1 row not later than the one before; scored in the order of the file`);
    expect(scored(join(cwd, "o.csv"))[4]).toEqual(["2014-04-01 00:15:00", "", "0"]);
  });

  it.each([
    ["", /in\.csv is empty; it needs the header "timestamp,value"/],
    ["timestamp,value\n", /in\.csv has a header and no rows/],
    ["2014-04-01 00:00:00,5\n2014-04-01 00:05:00,5\n", /in\.csv:1: the first line must name the columns timestamp and/],
    ["timestamp,value\n2014-04-01 00:00:00,5\nyesterday,6\n", /in\.csv:3: "yesterday" is no timestamp; write it as/],
    ["timestamp,value\n2014-02-30 00:00:00,5\n", /in\.csv:2: "2014-02-30 00:00:00" is no timestamp/],
    ["timestamp,value\n2014-04-01 00:00:00,five\n", /in\.csv:2: "five" is no number; leave the value empty/],
    ["timestamp,value\n2014-04-01 00:00:00\n", /in\.csv:2: a row needs a timestamp and a value/],
  ])("refuses %j in one sentence and writes nothing", async (text, sentence) => {
    const { cwd } = aFile(text);
    const { exitCode, stderr } = await cli(["lab", "anomalies", "--input", "in.csv", "--output", "out.csv"], { cwd });
    expect(exitCode).toBe(1);
    const last = stderr.trim().split("\n").at(-1);
    expect(last).toMatch(sentence);
    expect(last).toMatch(/^pilothouse: (?!unexpected)/);
    expect(existsSync(join(cwd, "out.csv"))).toBe(false);
  });

  it("scores the good files of a folder and names the bad one", async () => {
    const cwd = aFolder();
    mkdirSync(join(cwd, "data"));
    writeFileSync(join(cwd, "data", "bad.csv"), "timestamp,value\nx,1\n");
    writeFileSync(join(cwd, "data", "good.csv"), fileOf(rowsOf(50, 40)));
    const { exitCode, stderr } = await cli(["lab", "anomalies", "--input", "data", "--output", "out"], { cwd });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/bad\.csv:2: "x" is no timestamp/);
    expect(readdirSync(join(cwd, "out"))).toEqual(["good.csv"]);
  });

  it("refuses an input that is not there, an empty folder, and an output that would be taken for data", async () => {
    const { cwd } = aFile(fileOf(rowsOf(50, 40)));
    mkdirSync(join(cwd, "empty"));
    const refused = async (input: string, output: string): Promise<string> => {
      const { exitCode, stderr } = await cli(["lab", "anomalies", "--input", input, "--output", output], { cwd });
      expect(exitCode).toBe(2);
      return stderr;
    };
    expect(await refused("gone.csv", "out.csv")).toMatch(/there is no file or folder .*gone\.csv/);
    expect(await refused("empty", "out")).toMatch(/no \.csv file is in/);
    expect(await refused("in.csv", "in.csv")).toMatch(/--output must be another file than --input/);
    expect(await refused(".", "scored")).toMatch(/--output must lie outside --input/);
  });
});

describe("a file in NAB's format", () => {
  it("may have its columns in any order, quotes, a mark of byte order, other columns and lines of Windows", () => {
    const { times, values } = parseNab('\uFEFFhost,"value",timestamp\r\na,"1.5",2014-04-01T00:00:00Z\r\n', "x.csv");
    expect([...times, ...values]).toEqual([Date.UTC(2014, 3, 1), 1.5]);
  });

  it.each([
    ["2014-04-01 00:05:00", Date.UTC(2014, 3, 1, 0, 5)],
    ["2014-04-01 00:05:00.250000", Date.UTC(2014, 3, 1, 0, 5) + 250],
    ["2014-04-01 00:05", Date.UTC(2014, 3, 1, 0, 5)],
    ["2014-04-01", Date.UTC(2014, 3, 1)],
    ["2014-04-01T02:05:00+02:00", Date.UTC(2014, 3, 1, 0, 5)],
    ["1396310700", 1_396_310_700_000],
    ["1396310700000", 1_396_310_700_000],
  ])("may say when as %s", (text, time) => {
    expect(parseNab(`timestamp,value\n${text},1`, "x.csv").times[0]).toBe(time);
  });

  it("comes back as it was, with scores of at most six digits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 4e9 }), fc.double({ noNaN: true })), { minLength: 1 }),
        (rows) => {
          const finite = rows.map(
            ([s, value]) => [String(1e9 + s), Number.isFinite(value) ? String(value) : ""] as const,
          );
          const series = parseNab(fileOf(finite.map((row) => row.join(","))), "x.csv");
          const again = writeNab(
            series,
            Float64Array.from(finite, () => 1 / 3),
          );
          expect(again).toBe(
            `timestamp,value,anomaly_score\n${finite.map((row) => `${row.join(",")},0.333333\n`).join("")}`,
          );
        },
      ),
    );
  });
});
