// Scores every row of series, so that anyone can compare us on their own data.
import { resolve } from "node:path";
import { InputError } from "../../lib/errors.ts";
import type { Command, CommandContext } from "../command.ts";
import { countingBar } from "../lab/counting-bar.ts";
import type { FileResult, ScoredFile } from "../lab/score-file.ts";
import { type FilePair, filePairs } from "../lab/series-files.ts";

export const labAnomalies: Command = {
  name: "lab anomalies",
  summary: "Score how unusual every row of a CSV file is, or of all CSV files of a folder",
  examples: [
    "pilothouse lab anomalies --input cpu.csv --output scored.csv",
    "pilothouse lab anomalies --input NAB/data --output results/pilothouse",
  ],
  permission: "local",
  options: [
    { flags: "--input <path>", summary: "A CSV file with the columns timestamp and value, or a folder of such files" },
    {
      flags: "--output <path>",
      summary: "Where timestamp,value,anomaly_score goes; a folder keeps the tree of --input",
    },
    { flags: "--threads <n>", summary: "Threads to work with (2 when left out)" },
  ],
  givesData: true,
  async run(context) {
    const { options, terminal, edge } = context;
    const threads = options.whole("threads", "--threads", [1, 64]) ?? 2;
    const input = resolve(edge.cwd, options.required("input", "--input"));
    const output = resolve(edge.cwd, options.required("output", "--output"));
    const pairs = filePairs(input, output);
    const results = await scoreAll(context, pairs, threads);
    const outcomes = pairs.map((pair, place) => ({ ...pair, result: results[place] }));
    const scored = outcomes.flatMap(({ result, ...pair }) =>
      result !== undefined && "scored" in result ? [{ ...pair, ...result.scored }] : [],
    );
    const problems = outcomes.flatMap(({ result }) =>
      result !== undefined && "problem" in result ? [result.problem] : [],
    );
    if (terminal.json) terminal.data({ output, ...totals(scored), files: scored, problems });
    else for (const line of report(scored, output)) terminal.note(line);
    if (problems.length > 0) throw new InputError(sentence(problems));
    return 0;
  },
};

type Scored = ScoredFile & FilePair;

async function scoreAll({ edge }: CommandContext, pairs: readonly FilePair[], threads: number) {
  const { runInThreads } = await import("../../lib/thread-pool.ts");
  const bar = await countingBar("anomalies", pairs.length, edge);
  try {
    return await runInThreads<FilePair, FileResult>({
      module: "../lab/worker.ts",
      base: import.meta.url,
      threads,
      tasks: pairs,
      onDone: (done) => bar.set(done),
    });
  } finally {
    bar.stop();
  }
}

function totals(scored: readonly Scored[]) {
  const sum = (of: (file: Scored) => number): number => scored.reduce((total, file) => total + of(file), 0);
  return {
    rows: sum((file) => file.rows),
    missing: sum((file) => file.missing),
    unordered: sum((file) => file.unordered),
    alarms: sum((file) => file.alarms),
  };
}

function report(scored: readonly Scored[], output: string): readonly string[] {
  const { rows, alarms } = totals(scored);
  const notes = scored.flatMap(({ input, missing, unordered }) => [
    ...(missing === 0 ? [] : [`${input}: ${counted(missing, "row")} without a value, scored 0`]),
    ...(unordered === 0
      ? []
      : [`${input}: ${counted(unordered, "row")} not later than the one before; scored in the order of the file`]),
  ]);
  const unusual = `${alarms} unusual (a score of 0.5 or more)`;
  return [...notes, `${output}: ${counted(scored.length, "file")}, ${counted(rows, "row")}, ${unusual}`];
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

const sentence = ([first = "", ...more]: readonly string[]): string =>
  more.length === 0
    ? first
    : `${first} (${counted(more.length, "more file")} cannot be scored either; the others are written)`;
