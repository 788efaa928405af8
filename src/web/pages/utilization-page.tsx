// Key figures of a scope, and the table of what everything uses.
import { useState } from "preact/hooks";
import { analyses, connection } from "../live/live.ts";
import { type Answer, useAnswer } from "../live/use-answer.ts";
import { query, setQuery } from "../location.ts";
import { KpiStrip } from "../parts/kpi-strip.tsx";
import { Empty, Failed, Loading } from "../parts/notice.tsx";
import { UtilizationTable } from "../parts/utilization-table.tsx";
import { type KpiItem, scopesOf, scopeTitle, seriesIds } from "../utilization/kpi-view.ts";
import {
  type Kind,
  kinds,
  kindTitles,
  type UtilizationRow,
  type Window,
  windows,
  windowTitles,
} from "../utilization/utilization-view.ts";

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

const firstRows = 200;
/** What the API gives at once. */
const mostRows = 1_000;

export function UtilizationPage() {
  return (
    <>
      <KeyFigures />
      <Usage />
    </>
  );
}

function KeyFigures() {
  // One figure that every scope has tells which scopes there are; a fleet may have hundreds of tags.
  const known = useAnswer<Page<KpiItem>>("/kpis?kpi=efficiency&limit=1000", ["kpis"]);
  const scopes = scopesOf(known.data?.items ?? []);
  const wanted = query.value.get("scope");
  const scope = scopes.find((name) => name === wanted) ?? scopes[0];
  const figures = scope === undefined ? null : `/kpis?scope=${encodeURIComponent(scope)}`;
  const answer = useAnswer<Page<KpiItem>>(figures, ["kpis"]);
  const items = answer.data?.items.filter((item) => item.scope === scope) ?? [];
  return (
    <section class="panel" aria-label="Key figures">
      <header>
        <h1>Utilization</h1>
        <span class="dim">last 30 days</span>
        {scopes.length > 1 && (
          <div class="panel-tools">
            <select
              class="kpi-scope"
              aria-label="Scope"
              value={scope}
              onChange={(event) => setQuery({ scope: event.currentTarget.value })}
            >
              {scopes.map((name) => (
                <option key={name} value={name}>
                  {scopeTitle(name)}
                </option>
              ))}
            </select>
          </div>
        )}
      </header>
      {scope === undefined || items.length === 0 ? (
        <Nothing answer={scope === undefined ? known : answer} what="key figures" />
      ) : (
        <KpiStrip items={items} ids={seriesIds(scope, scopes)} />
      )}
    </section>
  );
}

function Usage() {
  const kind = kinds.find((name) => name === query.value.get("by")) ?? "guest";
  const window = windows.find((name) => name === query.value.get("window")) ?? "30d";
  const text = query.value.get("q") ?? "";
  const sort = query.value.get("sort") ?? "-memory_used_ratio";
  const [limit, setLimit] = useState(firstRows);
  const list = `/utilization?by=${kind}&window=${window}&sort=${encodeURIComponent(sort)}&q=${encodeURIComponent(text)}`;
  const answer = useAnswer<Page<UtilizationRow>>(`${list}&limit=${limit}`, ["utilization"]);
  const rows = answer.data?.items ?? [];
  return (
    <section class="panel" aria-label={kindTitles[kind]}>
      <header>
        <h2>{kindTitles[kind]}</h2>
        <UsageTools kind={kind} window={window} text={text} />
      </header>
      {rows.length > 0 ? (
        <UtilizationTable kind={kind} rows={rows} sort={sort} onSort={(next) => setQuery({ sort: next })} />
      ) : text !== "" && answer.data !== null ? (
        <Empty>Nothing matches.</Empty>
      ) : (
        <Nothing answer={answer} what={kindTitles[kind].toLowerCase()} />
      )}
      {answer.data?.next != null && (
        <p class="notice">
          The first {limit} are shown.{" "}
          {limit < mostRows ? (
            <button type="button" class="plain" onClick={() => setLimit(mostRows)}>
              show more
            </button>
          ) : (
            "Narrow them down by the filter."
          )}
        </p>
      )}
    </section>
  );
}

function UsageTools({ kind, window, text }: { readonly kind: Kind; readonly window: Window; readonly text: string }) {
  return (
    <div class="panel-tools">
      {kinds.map((name) => (
        <button
          key={name}
          type="button"
          class="plain"
          aria-pressed={kind === name}
          onClick={() => setQuery({ by: name === "guest" ? null : name })}
        >
          {kindTitles[name]}
        </button>
      ))}
      <span class="tool-gap" />
      {windows.map((name) => (
        <button
          key={name}
          type="button"
          class="plain"
          aria-pressed={window === name}
          onClick={() => setQuery({ window: name === "30d" ? null : name })}
        >
          {windowTitles[name]}
        </button>
      ))}
      <input
        type="search"
        class="small"
        placeholder="Filter"
        aria-label="Filter the table"
        value={text}
        onInput={(event) => setQuery({ q: event.currentTarget.value === "" ? null : event.currentTarget.value })}
      />
    </div>
  );
}

function Nothing({ answer, what }: { readonly answer: Answer<unknown>; readonly what: string }) {
  if (answer.error !== null && answer.data === null)
    return (
      <Failed what={`${what.slice(0, 1).toUpperCase()}${what.slice(1)}`} message={answer.error} retry={answer.retry} />
    );
  if (answer.data === null || connection.value.at === "connecting") return <Loading what={what} />;
  if (!analyses.value.some(({ name }) => name === "kpis"))
    return <Empty>Nothing was worked out yet: the first time is within minutes of the start, then every hour.</Empty>;
  return <Empty>There are no {what} that you may see.</Empty>;
}
