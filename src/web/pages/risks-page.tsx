// What may fail: grouped, worst first, with what to do; below it what is watched.
import { riskWatchDocument } from "../../model/risks.ts";
import { analyses, connection, findings } from "../live/live.ts";
import { useAnswer } from "../live/use-answer.ts";
import { query, setQuery } from "../location.ts";
import { Empty, Failed, Loading } from "../parts/notice.tsx";
import { RiskLine } from "../parts/risk-line.tsx";
import { RiskWatch, type RiskWatchItem } from "../parts/risk-watch.tsx";
import { type RiskGroup, riskGroups } from "../risks/risk-view.ts";

export function RisksPage() {
  const urgent = query.value.get("severity") === "urgent";
  const text = query.value.get("q") ?? "";
  const groups = riskGroups(findings.value, { urgent, text });
  const watch = useAnswer<{ readonly items: readonly RiskWatchItem[] }>("/risk-watch?limit=1000", [riskWatchDocument]);
  const items = watch.data?.items ?? null;
  return (
    <>
      <section class="panel" aria-label="Risks">
        <header>
          <h1>Risks</h1>
          <Tools urgent={urgent} text={text} />
        </header>
        {groups.length === 0 && (
          <None filtered={urgent || text !== ""} watched={items} error={watch.error} retry={watch.retry} />
        )}
        {groups.map((group) => (
          <Group key={group.title} group={group} />
        ))}
      </section>
      {items !== null && items.length > 0 && <RiskWatch items={items} />}
    </>
  );
}

function Tools({ urgent, text }: { readonly urgent: boolean; readonly text: string }) {
  return (
    <div class="panel-tools">
      {[false, true].map((only) => (
        <button
          key={String(only)}
          type="button"
          class="plain"
          aria-pressed={urgent === only}
          onClick={() => setQuery({ severity: only ? "urgent" : null })}
        >
          {only ? "urgent" : "all"}
        </button>
      ))}
      <input
        type="search"
        class="small"
        placeholder="Filter risks"
        aria-label="Filter risks"
        value={text}
        onInput={(event) => setQuery({ q: event.currentTarget.value === "" ? null : event.currentTarget.value })}
      />
    </div>
  );
}

function Group({ group }: { readonly group: RiskGroup }) {
  return (
    <section class="risk-group" aria-label={group.title}>
      <h2>
        {group.title} <span class="dim">{group.risks.length}</span>
      </h2>
      <ul>
        {group.risks.map((risk) => (
          <RiskLine key={risk.id} risk={risk} />
        ))}
      </ul>
    </section>
  );
}

interface NoneProps {
  readonly filtered: boolean;
  readonly watched: readonly RiskWatchItem[] | null;
  readonly error: string | null;
  readonly retry: () => void;
}

function None({ filtered, watched, error, retry }: NoneProps) {
  if (filtered) return <Empty>No risk matches.</Empty>;
  if (error !== null && watched === null) return <Failed what="Risks" message={error} retry={retry} />;
  if (watched === null || connection.value.at === "connecting") return <Loading what="risks" />;
  if (!analyses.value.some(({ name }) => name === riskWatchDocument)) {
    return <Empty>Nothing was looked at yet: the first look is within minutes of the start, then every hour.</Empty>;
  }
  return <Empty>Nothing shows signs of failing. What is watched, and what has too little data yet, is below.</Empty>;
}
