// Fetches the series of a page's graphs, and again as time goes on. What was shown stays until the new answer is there.
import { useEffect, useState } from "preact/hooks";
import { isAbort, sentence, serverNow } from "../api.ts";
import type { GraphData } from "../parts/graph-panel.tsx";
import { type GraphSpec, requestsOf } from "./graph-spec.ts";
import { type Range, refreshMs, spanOf } from "./range.ts";
import { fetchSeries, type SeriesAnswer } from "./series.ts";

export interface Graphs {
  /** By key of the specification; null until the first answer. */
  readonly data: ReadonlyMap<string, GraphData> | null;
  readonly error: string | null;
  readonly retry: () => void;
}

const longestRetryMs = 10_000;

export function useGraphs(specs: readonly GraphSpec[], range: Range, periodSeconds: number): Graphs {
  const [answer, setAnswer] = useState<ReadonlyMap<string, GraphData> | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const rangeKey = JSON.stringify(range);

  useEffect(() => {
    const abort = new AbortController();
    const everyMs = range.preset === null ? null : Math.max(refreshMs[range.preset], periodSeconds * 1000);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let fruitless = 0;
    const load = async (): Promise<void> => {
      try {
        const loaded = await loadGraphs(specs, range, abort.signal);
        setAnswer(loaded);
        setError(null);
        fruitless = isEmpty(loaded) ? fruitless + 1 : 0;
      } catch (problem) {
        if (isAbort(problem)) return;
        fruitless++;
        setError(sentence(problem));
      }
      // A failure, and the emptiness of a service that has just started, are looked at again soon, then less often.
      const pauseMs = fruitless > 0 ? Math.min(500 * 2 ** fruitless, longestRetryMs) : everyMs;
      if (pauseMs !== null && !abort.signal.aborted) timer = setTimeout(() => void load(), pauseMs);
    };
    void load();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [specs, rangeKey, periodSeconds, attempt]);

  return { data: answer, error, retry: () => setAttempt((count) => count + 1) };
}

const isEmpty = (graphs: ReadonlyMap<string, GraphData>): boolean =>
  [...graphs.values()].every(({ series }) => series.every((one) => one === undefined || one.time.length === 0));

async function loadGraphs(
  specs: readonly GraphSpec[],
  range: Range,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, GraphData>> {
  const span = spanOf(range, serverNow());
  const [from, to] = [new Date(span.fromMs).toISOString(), new Date(span.toMs).toISOString()];
  const answers = await Promise.all(
    requestsOf(specs).map((request) => fetchSeries({ ...request, from, to, step: "auto" }, signal)),
  );
  return new Map(specs.map((spec) => [spec.key, graphData(spec, answers, span)]));
}

function graphData(
  spec: GraphSpec,
  answers: readonly SeriesAnswer[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): GraphData {
  const all = answers.flatMap((answer) => answer.series.map((series) => ({ series, answer })));
  const found = spec.lines.map((line) =>
    all.find(({ series }) => series.id === line.id && series.field === line.field),
  );
  return {
    fromMs,
    toMs,
    stepSeconds: found.find((one) => one !== undefined)?.answer.step_seconds ?? 0,
    series: found.map((one) => one?.series),
  };
}
