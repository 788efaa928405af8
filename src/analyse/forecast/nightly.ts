// The forecasts of one cluster: part by part, the next one being read while threads compute.

import type { Transferable } from "node:worker_threads";
import { inGroups } from "../../lib/in-groups.ts";
import type { ThreadPool } from "../../lib/thread-pool.ts";
import type { AnalysisDocument } from "../../model/analysis.ts";
import type {
  ForecastLine,
  ForecastsDocument,
  ForecastWeightsDocument,
  KeptWeights,
  Outlook,
} from "../../model/forecasts.ts";
import type { ClusterId } from "../../model/ids.ts";
import type { AnalysisContext } from "../context.ts";
import type { KnownBreaks } from "./known-breaks.ts";
import type { NightlyResult, NightlySeries, NightlyTask } from "./nightly-task.ts";
import { nightOf, type Part } from "./parts.ts";
import { readPart } from "./read-part.ts";

export interface NightlyOptions {
  readonly context: AnalysisContext;
  readonly cluster: ClusterId;
  readonly parts: readonly Part[];
  readonly breaks: KnownBreaks;
  readonly pool: ThreadPool;
  readonly onPart: () => void;
}

export type NewDocument = Omit<AnalysisDocument, "at">;

/** What was learnt longer ago than this is learnt again, whoever's turn it is. */
const longestKeptMs = 14 * 86_400_000;
/** A second run in the same night learns nothing twice. */
const shortestKeptMs = 20 * 3_600_000;
/** Series that a thread takes at a time: a tenth of a second of work. */
const seriesPerTask = 8;

export async function nightly(options: NightlyOptions): Promise<readonly NewDocument[]> {
  const { parts, onPart } = options;
  const documents: NewDocument[] = [];
  const [first] = parts;
  let reading = first === undefined ? undefined : read(options, first);
  for (const [place, part] of parts.entries()) {
    const found = await reading;
    const next = parts[place + 1];
    reading = next === undefined ? undefined : read(options, next);
    // The next part is awaited later; its failure must not count as nobody's until then.
    reading?.catch(() => undefined);
    if (found !== undefined) documents.push(...(await compute(options, part, found)));
    onPart();
  }
  return documents;
}

interface ReadPart {
  readonly series: readonly NightlySeries[];
  /** What was there before, which an empty part has to replace. */
  readonly before: number;
  /** Lines of the weekly outlook that stand for some more days. */
  readonly standing: readonly ForecastLine[];
  readonly kept: readonly KeptWeights[];
}

async function read({ context, cluster, breaks }: NightlyOptions, part: Part): Promise<ReadPart> {
  const lines = (await bodyOf<ForecastsDocument>(context, "forecasts", cluster, part.key))?.lines ?? [];
  const kept = (await bodyOf<ForecastWeightsDocument>(context, "forecast-weights", cluster, part.key))?.series ?? [];
  const wanted = new Set(part.ids);
  const standing = lines.filter((line) => wanted.has(line.id) && stands(line, part, context.nowMs));
  const grids = await readPart(context, part, new Set(standing.map(({ id }) => id)));
  const keptOf = new Map(kept.map((each) => [nameOf(each), each]));
  const series = grids.map((one): NightlySeries => {
    const of = keptOf.get(nameOf(one));
    return {
      ...one,
      breaksMs: breaks(one.id, one.measured.id),
      kept: of !== undefined && serves(of, part, context.nowMs) ? of : undefined,
    };
  });
  return { series, before: lines.length, standing, kept };
}

/** Within a part, which has one field. */
const nameOf = ({ id, outlook }: { readonly id: string; readonly outlook: Outlook }): string => `${outlook} ${id}`;

function serves({ learntAt }: KeptWeights, { night }: Part, nowMs: number): boolean {
  const age = nowMs - learntAt;
  return night === nightOf(nowMs) ? age < shortestKeptMs : age < longestKeptMs;
}

/** Half a year in days changes little from night to night: of guests it is made anew in their own night of the week. */
function stands({ outlook, result, fromMs }: ForecastLine, { kind, night }: Part, nowMs: number): boolean {
  if (outlook !== "half-year" || kind !== "guest" || night === nightOf(nowMs)) return false;
  const isWaiting = result.state === "none" && result.code !== "constant" && result.code !== "no_better_than_naive";
  return !isWaiting && nowMs - fromMs < longestKeptMs;
}

async function bodyOf<Body>(
  { documents }: AnalysisContext,
  name: string,
  cluster: ClusterId,
  key: string,
): Promise<Body | undefined> {
  const [found] = await documents.list({ name, cluster, fromKey: key, toKey: key });
  return found?.body as Body | undefined;
}

async function compute(
  { context, cluster, pool }: NightlyOptions,
  { key }: Part,
  { series, before, standing, kept }: ReadPart,
): Promise<readonly NewDocument[]> {
  const results = await inThreads(pool, series, context.nowMs);
  const made = series.map(({ id, measured, outlook, grid }, place): ForecastLine => {
    const { now, result } = results[place] ?? missing(id);
    return { id, field: measured.id, outlook, fromMs: grid.toMs, now, result };
  });
  const lines = [...made, ...standing];
  const weights = weightsAfter(
    kept,
    results.flatMap((each) => each.learnt ?? []),
    lines,
  );
  const documents: NewDocument[] = [];
  if (lines.length > 0 || before > 0)
    documents.push({ name: "forecasts", cluster, key, body: { lines } satisfies ForecastsDocument });
  if (weights !== undefined)
    documents.push({
      name: "forecast-weights",
      cluster,
      key,
      body: { series: weights } satisfies ForecastWeightsDocument,
    });
  return documents;
}

function missing(id: string): never {
  throw new RangeError(`no thread forecast ${id}`);
}

/** Undefined when nothing has changed. What is no longer forecast is forgotten. */
function weightsAfter(
  kept: readonly KeptWeights[],
  learnt: readonly KeptWeights[],
  lines: readonly ForecastLine[],
): readonly KeptWeights[] | undefined {
  const fresh = new Set(learnt.map(nameOf));
  const wanted = new Set(lines.map(nameOf));
  const rest = kept.filter((each) => !fresh.has(nameOf(each)) && wanted.has(nameOf(each)));
  return learnt.length === 0 && rest.length === kept.length ? undefined : [...rest, ...learnt];
}

async function inThreads(
  pool: ThreadPool,
  series: readonly NightlySeries[],
  nowMs: number,
): Promise<readonly NightlyResult[]> {
  const tasks = [...inGroups(series, seriesPerTask)].map((some): NightlyTask => ({ nowMs, series: some }));
  const moved = (task: NightlyTask): readonly Transferable[] =>
    task.series.map(({ values }) => values.buffer as ArrayBuffer);
  return (await pool.run<NightlyTask, readonly NightlyResult[]>(tasks, { moved })).flat();
}
