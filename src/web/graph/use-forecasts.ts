// Fetches how the lines of a page's graphs go on, one after the other: each is computed when it is asked for, and those
// that are there already are shown meanwhile.
import { useEffect, useState } from "preact/hooks";
import { callApi, isAbort, sentence } from "../api.ts";
import type { GraphLine } from "./graph-spec.ts";

/** As /api/v1/forecasts/series gives it. */
export interface ForecastSeries {
  readonly id: string;
  readonly field: string;
  readonly state: "forecast" | "none";
  readonly reason: string | null;
  readonly from: number;
  readonly step_seconds: number;
  readonly mean: readonly number[];
  readonly bands: readonly {
    readonly level: number;
    readonly lower: readonly number[];
    readonly upper: readonly number[];
  }[];
  readonly error: number | null;
  readonly naive_error: number | null;
  readonly coverage_ratio: number | null;
}

export type Outlook = "month" | "half-year";

export interface Forecasts {
  /** By lineKey; what is missing is still under way. */
  readonly found: ReadonlyMap<string, ForecastSeries>;
  readonly error: string | null;
}

export const lineKey = ({ id, field }: Pick<GraphLine, "id" | "field">): string => `${id} ${field}`;

const none: Forecasts = { found: new Map(), error: null };
/** A new hour has a new forecast. */
const renewMs = 3_600_000;
const retryMs = 10_000;

/** `lines` are asked in their order; an empty list asks nothing. */
export function useForecasts(lines: readonly Pick<GraphLine, "id" | "field">[], outlook: Outlook): Forecasts {
  const [forecasts, setForecasts] = useState<Forecasts>(none);
  const [round, setRound] = useState(0);
  const wanted = lines.map(lineKey).join("\n");
  useEffect(() => {
    if (wanted === "") {
      setForecasts(none);
      return undefined;
    }
    const abort = new AbortController();
    const found = new Map<string, ForecastSeries>();
    const load = async (): Promise<void> => {
      for (const line of lines) {
        found.set(lineKey(line), await fetchForecast(line, outlook, abort.signal));
        setForecasts({ found: new Map(found), error: null });
      }
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (afterMs: number): void => {
      if (!abort.signal.aborted) timer = setTimeout(() => setRound((count) => count + 1), afterMs);
    };
    load().then(
      () => again(renewMs),
      (problem: unknown) => {
        if (isAbort(problem)) return;
        setForecasts({ found: new Map(found), error: sentence(problem) });
        again(retryMs);
      },
    );
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [wanted, outlook, round]);
  return forecasts;
}

function fetchForecast(
  { id, field }: Pick<GraphLine, "id" | "field">,
  outlook: Outlook,
  signal: AbortSignal,
): Promise<ForecastSeries> {
  const query = new URLSearchParams({ id, field, outlook });
  return callApi<ForecastSeries>(`/forecasts/series?${query}`, { signal });
}
