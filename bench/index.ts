// `npm run bench -- NAME [--json]`: measures, prints, and fails when a figure misses what it must keep.
import { analysis } from "./analysis.ts";
import { anomaly } from "./anomaly.ts";
import { anomalyWatch } from "./anomaly-watch.ts";
import { collect } from "./collect.ts";
import { type Benchmark, isKept, printJson, printTable } from "./figure.ts";
import { forecasting } from "./forecast.ts";
import { importing } from "./import.ts";
import { influx } from "./influx.ts";
import { ingest } from "./ingest.ts";
import { kpis } from "./kpis.ts";
import { panels } from "./panels.ts";
import { pipeline } from "./pipeline.ts";
import { query } from "./query.ts";
import { risk } from "./risk.ts";
import { start } from "./start.ts";
import { whatif } from "./whatif.ts";

const benchmarks: readonly Benchmark[] = [
  start,
  pipeline,
  collect,
  importing,
  influx,
  ingest,
  query,
  kpis,
  forecasting,
  anomaly,
  risk,
  analysis,
  anomalyWatch,
  panels,
  whatif,
];

const [name, ...flags] = process.argv.slice(2);
const benchmark = benchmarks.find((candidate) => candidate.name === name);
if (benchmark === undefined) {
  console.error(
    `usage: npm run bench -- NAME [--json]\n\n${benchmarks.map((each) => `  ${each.name.padEnd(13)} ${each.summary}`).join("\n")}`,
  );
  process.exit(2);
}
const figures = await benchmark.run();
printTable(benchmark.name, figures);
if (flags.includes("--json")) printJson(benchmark.name, figures);
process.exit(figures.every(isKept) ? 0 : 1);
