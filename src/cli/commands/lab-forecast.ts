// Forecasts every series of a table, so that anyone can compare us on their own data.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { LabResult, LabTask } from "../../analyse/forecast/lab-task.ts";
import { UsageError } from "../../lib/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { countingBar } from "../lab/counting-bar.ts";
import { parseWide, type WideRow, writeWide } from "../lab/wide-csv.ts";

export const labForecast: Command = {
  name: "lab forecast",
  summary: "Forecast every series of a CSV file in the wide format of the M4 competition",
  examples: ["pilothouse lab forecast --input hourly.csv --horizon 48 --seasons 24,168 --output forecast.csv"],
  permission: "local",
  options: [
    { flags: "--input <file>", summary: "A header, then a row per series: its id and its values, oldest first" },
    { flags: "--horizon <steps>", summary: "How many steps to forecast" },
    { flags: "--seasons <steps>", summary: "Lengths of seasons in steps, separated by commas (none when left out)" },
    { flags: "--output <file>", summary: "Where the forecasts go, a row per series in the same order" },
    { flags: "--threads <n>", summary: "Threads to work with (2 when left out)" },
  ],
  givesData: true,
  async run(context) {
    const { options, terminal, edge } = context;
    const horizon = options.whole("horizon", "--horizon", [1, 10_000]);
    if (horizon === undefined) throw new UsageError("--horizon is needed; see --help.");
    const input = resolve(edge.cwd, options.required("input", "--input"));
    const output = resolve(edge.cwd, options.required("output", "--output"));
    const rows = parseWide(readFileSync(input, "utf8"), input);
    const results = await forecastAll(context, rows, { horizon, seasons: seasonsOf(options.text("seasons")) });
    writeFileSync(
      output,
      writeWide(rows.map(({ id }, at) => ({ id, values: results[at]?.mean ?? new Float64Array() }))),
    );
    if (terminal.json) terminal.data({ series: rows.length, horizon, output });
    else terminal.note(`${output}: ${rows.length} series, ${horizon} steps each`);
    return 0;
  },
};

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

function seasonsOf(text = ""): readonly number[] {
  const words = text.split(",").filter((word) => word !== "");
  const seasons = words.map((word) => (/^\d{1,5}$/.test(word) ? Number(word) : Number.NaN));
  if (seasons.every((season) => season >= 2)) return [...new Set(seasons)].sort((a, b) => a - b);
  throw new UsageError(`--seasons takes whole numbers from 2 on, separated by commas, not "${text}".`);
}
