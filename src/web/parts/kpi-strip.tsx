// Key figures: value, target and thirteen weeks at a glance; what it means, its formula and its numbers on demand.
import { useEffect, useState } from "preact/hooks";
import { isAbort } from "../api.ts";
import { type Spark, sparkHeight, sparkWidth } from "../fleet/spark.ts";
import { formatRatio } from "../format.ts";
import { fetchSeries, type SeriesAnswer } from "../graph/series.ts";
import { courseOf, inputWords, type KpiItem, seriesFields, shownValue, targetWords } from "../utilization/kpi-view.ts";
import { Faint } from "./bar.tsx";
import { StateMark } from "./state-mark.tsx";

const mostEntities = 20;

interface StripProps {
  /** Of one scope. */
  readonly items: readonly KpiItem[];
  /** Whose series are its course. */
  readonly ids: readonly string[];
}

export function KpiStrip({ items, ids }: StripProps) {
  const course = useCourse(ids, seriesFields(items));
  return (
    <ul class="kpis">
      {items.map((item) => (
        <Card key={item.kpi} item={item} spark={course === null ? undefined : courseOf(item, course)} />
      ))}
    </ul>
  );
}

/** A decoration: its absence is no error to show. */
function useCourse(ids: readonly string[], fields: readonly string[]): SeriesAnswer | null {
  const [course, setCourse] = useState<SeriesAnswer | null>(null);
  const key = `${ids.join(",")} ${fields.join(",")}`;
  useEffect(() => {
    setCourse(null);
    if (ids.length === 0 || ids.length > mostEntities || fields.length === 0) return undefined;
    const abort = new AbortController();
    fetchSeries({ ids, fields, from: "-91d", to: "now", step: "1d" }, abort.signal).then(
      setCourse,
      (error: unknown) => {
        if (!isAbort(error)) console.debug("the course of key figures could not be fetched", error);
      },
    );
    return () => abort.abort();
  }, [key]);
  return course;
}

function Card({ item, spark }: { readonly item: KpiItem; readonly spark: Spark | undefined }) {
  const { title, value, unit, about, state, summary, formula, inputs, coverage } = item;
  const target = targetWords(item);
  return (
    <li class="kpi">
      <h3>{title}</h3>
      <p class={value === null ? "kpi-state" : "big"}>
        {item.is_on_target === false && <StateMark state="warning" words="misses its target" />}
        {value === null ? <Faint>{state ?? "not known"}</Faint> : shownValue(value, unit)}{" "}
        {about !== null && <small>{about}</small>}
      </p>
      {spark !== undefined && spark.path !== "" && (
        <svg
          class="spark"
          viewBox={`0 0 ${sparkWidth} ${sparkHeight}`}
          role="img"
          aria-label={`${title} over 13 weeks`}
        >
          <path d={spark.path} />
        </svg>
      )}
      <details>
        <summary class="dim">{target ?? "what it is"}</summary>
        <p>{summary}</p>
        <p class="dim formula">{formula}</p>
        {Object.entries(inputs).map(([name, number]) => (
          <p key={name} class="dim formula">
            {inputWords(name, number)}
          </p>
        ))}
        <p class="dim">{coverage === null ? "of this moment" : `${formatRatio(coverage)} of the window is known`}</p>
      </details>
    </li>
  );
}
