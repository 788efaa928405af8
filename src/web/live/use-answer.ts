// Fetches an answer of the API for as long as a page shows it: again when analysis has new results of these names, and
// again after a failure. What was shown stays until the new answer is there.
import { useEffect, useState } from "preact/hooks";
import { callApi, isAbort, sentence } from "../api.ts";
import { analyses } from "./live.ts";

export interface Answer<T> {
  /** null until the first answer. */
  readonly data: T | null;
  readonly error: string | null;
  readonly retry: () => void;
}

const retryMs = 5_000;

/** `path` as of callApi; null asks nothing. `names` are those of GET /api/v1/analyses. */
export function useAnswer<T>(path: string | null, names: readonly string[] = []): Answer<T> {
  const [data, setData] = useState<T | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const newest = Math.max(
    0,
    ...analyses.value.flatMap(({ name, at }) => (names.includes(name) ? [Date.parse(at)] : [])),
  );
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    callApi<T>(path, { signal: abort.signal }).then(
      (answer) => {
        setData(answer);
        setError(null);
      },
      (problem: unknown) => {
        if (isAbort(problem)) return;
        setError(sentence(problem));
        timer = setTimeout(() => setAttempt((count) => count + 1), retryMs);
      },
    );
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, newest, attempt]);
  return { data, error, retry: () => setAttempt((count) => count + 1) };
}
