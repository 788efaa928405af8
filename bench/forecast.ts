// How right forecasts are, by the M4 competition, and how long a fleet's take in two threads.
import type { LabResult, LabTask } from "../src/analyse/forecast/lab-task.ts";
import { runInThreads } from "../src/lib/thread-pool.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { type M4Answer, m4Series, scored } from "./m4.ts";

const level = 0.95;
const fleetSize = 1_000;
const monthHours = 720;

export const forecasting: Benchmark = {
  name: "forecast",
  summary: "M4 scores on the development split, and 1,000 series of 30 days forecast for 30 days",
  run: async () => [...(await speed()), ...(await hourly()), ...(await weekly())],
};

const answersTo = (tasks: readonly LabTask[]): Promise<readonly LabResult[]> =>
  runInThreads({ module: "../src/analyse/forecast/worker.ts", base: import.meta.url, threads: 2, tasks });

async function speed(): Promise<readonly Figure[]> {
  const tasks = Array.from(
    { length: fleetSize },
    (_, guest): LabTask => ({
      values: aGuest(guest + 1),
      seasons: [24, 168],
      horizon: monthHours,
      levels: [level],
      kind: "rate",
    }),
  );
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const results = await answersTo(tasks);
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  if (results.some(({ refusal }) => refusal !== undefined))
    throw new Error("a series of the benchmark had no forecast");
  return [
    { name: "1,000 series, 30 d → 30 d, 2 threads", value: seconds, unit: "s", must: "<= 60", aim: "<= 10" },
    { name: "the same, processor time per series", value: (user + system) / 1e3 / fleetSize, unit: "ms" },
  ];
}

/** A guest's load: a day, a working week, a slow trend, noise with memory, and a few peaks. */
function aGuest(seed: number): Float64Array {
  let state = seed;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (let i = 0; i < 5; i++) random();
  const [size, day, week, trend] = [10 + 90 * random(), random(), random(), (random() - 0.5) / 2];
  let memory = 0;
  return Float64Array.from({ length: monthHours }, (_, hour) => {
    memory = 0.8 * memory + 0.2 * (random() - 0.5);
    const wave = 0.4 * day * Math.sin((2 * Math.PI * hour) / 24) + (Math.floor(hour / 24) % 7 < 5 ? 0.3 * week : 0);
    return size * Math.max(0.01, 1 + wave + (trend * hour) / monthHours + memory + (random() < 0.005 ? 1 : 0));
  });
}

async function hourly(): Promise<readonly Figure[]> {
  const series = m4Series("Hourly");
  if (series === undefined) return [];
  const { owa, smape, mase, coverage, msis } = scored(series, await m4Answers(series, [24, 168]), 24);
  return [
    { name: "M4 Hourly OWA (development split)", value: owa, unit: "", must: "<= 0.46", aim: "<= 0.405" },
    { name: "M4 Hourly sMAPE", value: smape, unit: "%" },
    { name: "M4 Hourly MASE", value: mase, unit: "" },
    { name: "95 % intervals: coverage", value: 100 * coverage, unit: "%" },
    {
      name: "95 % intervals: off 95 % by",
      value: Math.abs(100 * coverage - 95),
      unit: "points",
      must: "<= 2",
      aim: "<= 0.5",
    },
    { name: "95 % intervals: MSIS", value: msis, unit: "", must: "<= 9", aim: "<= 6.1" },
  ];
}

async function weekly(): Promise<readonly Figure[]> {
  const series = m4Series("Weekly");
  if (series === undefined) return [];
  const { owa, coverage } = scored(series, await m4Answers(series, []), 1);
  return [
    { name: "M4 Weekly OWA, no season given", value: owa, unit: "", must: "<= 1" },
    { name: "M4 Weekly 95 % intervals: coverage", value: 100 * coverage, unit: "%" },
  ];
}

async function m4Answers(
  series: readonly { readonly past: Float64Array; readonly future: Float64Array }[],
  seasons: readonly number[],
): Promise<readonly M4Answer[]> {
  const tasks = series.map(
    ({ past, future }): LabTask => ({ values: past, seasons, horizon: future.length, levels: [level], kind: "open" }),
  );
  const nothing = new Float64Array();
  return (await answersTo(tasks)).map(({ answer }) => {
    const { mean = nothing, bands: [{ lower, upper } = { lower: nothing, upper: nothing }] = [] } = answer ?? {};
    return { mean, lower, upper };
  });
}
