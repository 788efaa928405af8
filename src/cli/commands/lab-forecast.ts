// Forecasts every series of a table, so that anyone can compare us on their own data.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { LabResult, LabTask } from "../../analyse/forecast/lab-task.ts";
import { InputError, UsageError } from "../../lib/errors.ts";
import type { Command, CommandContext, Options } from "../command.ts";
import { countingBar } from "../lab/counting-bar.ts";
import { forecastSummary } from "../lab/forecast-summary.ts";
import { parseWide, type WideRow, writeWide } from "../lab/wide-csv.ts";

const longestHorizon = 10_000;

export const labForecast: Command = {
  name: "lab forecast",
  summary: "Forecast every series of a CSV file in the wide format of the M4 competition",
  examples: [
    "pilothouse lab forecast --input hourly.csv --horizon 48 --seasons 24,168 --output forecast.csv",
    "pilothouse lab forecast --input hourly.csv --horizon 48 --seasons 24,168 --output forecast.csv --lower lower.csv --upper upper.csv --level 0.95",
  ],
  permission: "local",
  options: [
    { flags: "--input <file>", summary: "A header, then a row per series: its id and its values, oldest first" },
    { flags: "--horizon <steps>", summary: "How many steps to forecast" },
    { flags: "--seasons <steps>", summary: "Lengths of seasons in steps, separated by commas (none when left out)" },
    { flags: "--output <file>", summary: "Where the forecasts go: id,F1,…, a row per series in the same order" },
    { flags: "--lower <file>", summary: "Where the lower ends of the intervals go, in the same format" },
    { flags: "--upper <file>", summary: "Where the upper ends go" },
    { flags: "--level <share>", summary: "Share of the truth that the intervals are to hold (0.95 when left out)" },
    {
      flags: "--threads <n>",
      summary: "Threads to work with (2 when left out); the result is the same with any number",
    },
  ],
  givesData: true,
  async run(context) {
    const { options, terminal, edge } = context;
    const question = questionOf(options);
    const input = options.required("input", "--input");
    const output = options.required("output", "--output");
    const rows = read(resolve(edge.cwd, input), input);
    const results = await forecastAll(context, rows, question);
    const write = (file: string | undefined, pick: (result: LabResult) => Float64Array | undefined): void => {
      if (file === undefined) return;
      const nothing = new Float64Array(question.horizon).fill(Number.NaN);
      const table = rows.map(({ id }, at) => ({ id, values: pick(results[at] ?? unanswered) ?? nothing }));
      writeFileSync(resolve(edge.cwd, file), writeWide(table));
    };
    write(output, ({ answer }) => answer?.mean);
    write(options.text("lower"), ({ answer }) => answer?.bands[0]?.lower);
    write(options.text("upper"), ({ answer }) => answer?.bands[0]?.upper);
    const summary = forecastSummary(rows, results);
    for (const warning of summary.warnings) terminal.note(terminal.style("yellow", warning));
    if (terminal.json) terminal.data({ output, horizon: question.horizon, ...summary.data });
    else terminal.note(`${output}: ${summary.sentence}`);
    return 0;
  },
};

const unanswered: LabResult = { answer: undefined, backtest: undefined, refusal: undefined };

function questionOf(options: Options): Omit<LabTask, "values"> {
  const horizon = options.whole("horizon", "--horizon", [1, longestHorizon]);
  if (horizon === undefined) throw new UsageError("--horizon is needed; see --help.");
  // No bounds: only what the values show is known of them. A series that is all above 0 stays there by its space.
  return {
    horizon,
    seasons: seasonsOf(options.text("seasons")),
    levels: [levelOf(options.text("level"))],
    kind: "open",
  };
}

function seasonsOf(text = ""): readonly number[] {
  const words = text.split(",").filter((word) => word !== "");
  const seasons = words.map((word) => (/^\d{1,5}$/.test(word) ? Number(word) : Number.NaN));
  if (seasons.every((season) => season >= 2)) return [...new Set(seasons)].sort((a, b) => a - b);
  throw new UsageError(`--seasons takes whole numbers from 2 on, separated by commas, not "${text}".`);
}

function levelOf(text = "0.95"): number {
  const level = /^0?\.\d+$/.test(text) ? Number(text) : Number.NaN;
  if (level >= 0.5 && level <= 0.999) return level;
  throw new UsageError(`--level takes a share from 0.5 to 0.999, not "${text}".`);
}

function read(path: string, file: string): readonly WideRow[] {
  try {
    return parseWide(readFileSync(path, "utf8"), file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new UsageError(`--input ${file} cannot be read.`, { cause: error });
  }
}

async function forecastAll(
  { options, edge }: CommandContext,
  rows: readonly WideRow[],
  question: Omit<LabTask, "values">,
): Promise<readonly LabResult[]> {
  const { runInThreads } = await import("../../lib/thread-pool.ts");
  const bar = await countingBar("forecast", rows.length, edge);
  try {
    return await runInThreads<LabTask, LabResult>({
      module: "../../analyse/forecast/worker.ts",
      base: import.meta.url,
      threads: options.whole("threads", "--threads", [1, 64]) ?? 2,
      tasks: rows.map(({ values }) => ({ ...question, values })),
      onDone: bar.set,
    });
  } finally {
    bar.stop();
  }
}
