// What the fleet costs: one sentence, six numbers, a table that adds up, areas and days.
import { useState } from "preact/hooks";
import type { CostList, CostsAnswer } from "../../model/cost-answer.ts";
import { underBase } from "../base-path.ts";
import { costSentence } from "../costs/sentence.ts";
import { useAnswer } from "../live/use-answer.ts";
import { query, setQuery } from "../location.ts";
import { CostAsides, CostBudgets } from "../parts/cost-budgets.tsx";
import { CostSharesPanel } from "../parts/cost-shares.tsx";
import { CostTable } from "../parts/cost-table.tsx";
import { CostTiles } from "../parts/cost-tiles.tsx";
import { CostTreemap } from "../parts/cost-treemap.tsx";
import { CostTrend } from "../parts/cost-trend.tsx";
import { Empty, Loading } from "../parts/notice.tsx";

const windows = { month: "this month", lastmonth: "last month", "7d": "7 days", "30d": "30 days", "90d": "90 days" };
const groups = {
  owner: "Owner",
  tag: "Tag",
  pool: "Pool",
  guest: "Guest",
  environment: "Environment",
  node: "Node",
  resource: "Resource",
};
const sharings = {
  entered: "as entered",
  none: "a line of its own",
  even: "shared evenly",
  weighted: "shared by cost",
};

export function CostPage() {
  const window = chosenOf(windows, "range", "month");
  const by = chosenOf(groups, "by", "owner");
  const idle = chosenOf(sharings, "idle", "entered");
  const prefix = query.value.get("prefix") ?? "";
  const asked = new URLSearchParams({ window, aggregate: by });
  if (by === "tag" && prefix !== "") asked.set("tag_prefix", prefix);
  if (idle !== "entered") asked.set("share_idle", idle);
  const { data, error, retry } = useAnswer<CostsAnswer>(`/costs?${asked.toString()}`, ["cost-day", "cost-ledger"]);
  return (
    <>
      <section class="panel cost-head" aria-label="Cost">
        <header>
          <h1>Cost</h1>
          <div class="panel-tools">
            <Choice title="Time" name="range" choices={windows} value={window} />
            <Choice title="By" name="by" choices={groups} value={by} />
            {by === "tag" && <Prefixes prefixes={data?.tag_prefixes ?? []} value={prefix} />}
            <Choice title="Idle" name="idle" choices={sharings} value={idle} />
            <a class="plain" href={underBase(`/api/v1/costs/focus.csv?window=${window}`)} download>
              FOCUS CSV
            </a>
          </div>
        </header>
        {data?.lists.map((list) => (
          <p key={list.currency} class="cost-sentence">
            {costSentence(list)}
          </p>
        ))}
      </section>
      {error !== null && (
        <p class="notice" role="status">
          Costs could not be loaded: {error}.{" "}
          <button type="button" class="plain" onClick={retry}>
            try now
          </button>
        </p>
      )}
      {data === null && error === null && <Loading what="costs" />}
      {data?.lists.map((list) => (
        <Priced key={list.currency} list={list} by={groups[by]} />
      ))}
      {data?.unpriced.map((shares) => (
        <CostSharesPanel key={shares.cluster} shares={shares} by={groups[by]} />
      ))}
    </>
  );
}

function Priced({ list, by }: { readonly list: CostList; readonly by: string }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const choose = (id: string): void => {
    setChosen(id);
    document.getElementById(id)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <>
      {list.outlook !== null && <CostTiles list={list} outlook={list.outlook} />}
      <section class="panel" aria-label={`Costs by ${by}`}>
        <header>
          <h2>{`${by}, ${list.from} to ${list.to}`}</h2>
        </header>
        {list.rows.length === 0 ? (
          <Empty>Nothing has been computed for this time yet; the job costs runs every hour.</Empty>
        ) : (
          <>
            <CostTreemap list={list} chosen={chosen} choose={choose} />
            <CostTable list={list} by={by} chosen={chosen} />
          </>
        )}
        {list.outlook !== null && <CostAsides list={list} outlook={list.outlook} />}
      </section>
      {list.outlook !== null && <CostBudgets list={list} outlook={list.outlook} />}
      <CostTrend list={list} />
    </>
  );
}

function chosenOf<Name extends string>(
  choices: Readonly<Record<Name, string>>,
  name: string,
  usual: NoInfer<Name>,
): Name {
  const value = query.value.get(name) ?? "";
  return Object.hasOwn(choices, value) ? (value as Name) : usual;
}

interface ChoiceProps {
  readonly title: string;
  readonly name: string;
  readonly choices: Readonly<Record<string, string>>;
  readonly value: string;
}

function Choice({ title, name, choices, value }: ChoiceProps) {
  return (
    <label>
      <span class="dim">{title}</span>{" "}
      <select value={value} onChange={(event) => setQuery({ [name]: event.currentTarget.value })}>
        {Object.entries(choices).map(([key, words]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

function Prefixes({ prefixes, value }: { readonly prefixes: readonly string[]; readonly value: string }) {
  const choices = { "": "all tags", ...Object.fromEntries(prefixes.map((prefix) => [prefix, `${prefix}…`])) };
  return <Choice title="Tags" name="prefix" choices={choices} value={value} />;
}
