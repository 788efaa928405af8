// Stored series as /api/v1/series gives them, and the requests for them.
import { callApi } from "../api.ts";

export interface SeriesColumns {
  readonly id: string;
  readonly field: string;
  readonly agg: string;
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
  readonly resolution_seconds: readonly number[];
  readonly origin: readonly string[];
}

export interface SeriesAnswer {
  readonly from: number;
  readonly to: number;
  readonly step_seconds: number;
  readonly exact: boolean;
  readonly series: readonly SeriesColumns[];
}

export interface SeriesQuery {
  readonly ids: readonly string[];
  readonly fields: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly step: string;
}

/** One request, at most 200 series. Ids contain nothing that a query would have to escape but `+`, `&` and `#`. */
export function fetchSeries({ ids, fields, from, to, step }: SeriesQuery, signal?: AbortSignal): Promise<SeriesAnswer> {
  const id = ids.map(encodeURIComponent).join(",").replace(/%2F/g, "/").replace(/%3A/g, ":").replace(/%40/g, "@");
  const query = `id=${id}&field=${fields.join(",")}&from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}&step=${step}`;
  return callApi<SeriesAnswer>(`/series?${query}`, signal === undefined ? {} : { signal });
}
