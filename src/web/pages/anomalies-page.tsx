// What was unusual: a timeline, an explanation of the chosen one, and the same as a table.
import type { AnomalyItem, WatchItem } from "../anomalies/anomaly.ts";
import { watchWords } from "../anomalies/anomaly.ts";
import { now } from "../clock.ts";
import { plural } from "../format.ts";
import { useAnswer } from "../live/use-answer.ts";
import { query, setQuery } from "../location.ts";
import { AnomalyDetail } from "../parts/anomaly-detail.tsx";
import { AnomalyTable } from "../parts/anomaly-table.tsx";
import { AnomalyTimeline } from "../parts/anomaly-timeline.tsx";
import { Empty, Failed, Loading } from "../parts/notice.tsx";

const spans = { day: 1, week: 7, month: 30 } as const;
type Span = keyof typeof spans;
const dayMs = 86_400_000;
/** What one answer brings. */
const most = 1_000;

interface Answered<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export function AnomaliesPage() {
  const span = (Object.keys(spans) as Span[]).find((name) => name === query.value.get("span")) ?? "week";
  const withMuted = query.value.get("muted") !== "hide";
  const text = query.value.get("q") ?? "";
  const names = ["anomaly-day", "anomaly-watch"];
  const { data, error, retry } = useAnswer<Answered<AnomalyItem>>(
    `/anomalies?from=-${spans[span]}d&limit=${most}`,
    names,
  );
  const watch = useAnswer<Answered<WatchItem>>("/anomaly-watch", names).data;
  const items = data?.items.filter((item) => (withMuted || !item.muted) && mentions(item, text.toLowerCase())) ?? null;
  const selected = query.value.get("id");
  const chosen = data?.items.find(({ id }) => id === selected);
  const select = (id: string | null): void => setQuery({ id: id === selected ? null : id });
  const toMs = now.value;
  return (
    <>
      <section class="panel" aria-label="Anomalies">
        <header>
          <h1>Anomalies</h1>
          <Tools span={span} withMuted={withMuted} text={text} />
        </header>
        {data !== null && <p class="notice">{summary(data, watch?.items ?? [])}</p>}
        {data === null &&
          (error === null ? <Loading what="anomalies" /> : <Failed what="Anomalies" message={error} retry={retry} />)}
        {items !== null && items.length > 0 && (
          <AnomalyTimeline
            items={items}
            fromMs={toMs - spans[span] * dayMs}
            toMs={toMs}
            selected={selected}
            onSelect={select}
          />
        )}
      </section>
      {chosen !== undefined && <AnomalyDetail item={chosen} onClose={() => select(null)} />}
      {items !== null && (
        <section class="panel" aria-label="List">
          {items.length === 0 ? (
            <Empty>{data?.items.length === 0 ? "Nothing was unusual." : "No anomaly matches."}</Empty>
          ) : (
            <AnomalyTable items={items} selected={selected} onSelect={select} />
          )}
        </section>
      )}
    </>
  );
}

function Tools({ span, withMuted, text }: { readonly span: Span; readonly withMuted: boolean; readonly text: string }) {
  return (
    <div class="panel-tools">
      {(Object.keys(spans) as Span[]).map((name) => (
        <button
          key={name}
          type="button"
          class="plain"
          aria-pressed={span === name}
          onClick={() => setQuery({ span: name })}
        >
          {name}
        </button>
      ))}
      <button
        type="button"
        class="plain"
        aria-pressed={withMuted}
        onClick={() => setQuery({ muted: withMuted ? "hide" : null })}
      >
        muted
      </button>
      <input
        type="search"
        class="small"
        placeholder="Filter anomalies"
        aria-label="Filter anomalies"
        value={text}
        onInput={(event) => setQuery({ q: event.currentTarget.value === "" ? null : event.currentTarget.value })}
      />
    </div>
  );
}

function summary({ items, next }: Answered<AnomalyItem>, watch: readonly WatchItem[]): string {
  const told = items.filter(({ muted }) => !muted);
  const open = told.filter((item) => item.open).length;
  const all = next === null ? "" : `, of the newest ${most}`;
  const words = `${plural(open, "is", "are")} unusual now, ${told.length} in this time and ${items.length - told.length} muted${all}`;
  return watch.length === 0 ? `${words}.` : `${words}. ${watchWords(watch)}.`;
}

const mentions = (item: AnomalyItem, text: string): boolean =>
  [item.name, item.subject, item.metric, item.reason, item.cause ?? "", item.message]
    .join("\n")
    .toLowerCase()
    .includes(text);
