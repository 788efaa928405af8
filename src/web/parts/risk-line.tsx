// One risk: the sentence, the evidence in dim text, what to do; the rest on demand.
import { now } from "../clock.ts";
import { type FindingItem, momentOf } from "../fleet/item.ts";
import { formatAge, formatDate, formatMoment } from "../format.ts";
import { byId } from "../live/live.ts";
import { dueOf, evidenceWords } from "../risks/risk-view.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";
import { StateMark } from "./state-mark.tsx";

const stateOf = { critical: "failed", warning: "warning", info: "unknown" } as const;
const certaintyWords = {
  measured: "measured",
  rule: "rule of experience",
  estimate: "estimate",
  prediction: "prediction",
} as const;

export function RiskLine({ risk }: { readonly risk: FindingItem }) {
  const due = dueOf(risk);
  const [first] = risk.evidence;
  return (
    <li class={`risk ${risk.severity}`}>
      <StateMark state={stateOf[risk.severity]} words={risk.severity} />
      <div class="risk-words">
        <p>{risk.message}</p>
        {first !== undefined && <p class="dim">{evidenceWords(first)}</p>}
        {risk.remedy !== null && <p class="risk-remedy">{risk.remedy}</p>}
        <More risk={risk} />
      </div>
      <p class="risk-due">
        {due === null ? "" : formatDate(due)}
        <Graph risk={risk} />
      </p>
    </li>
  );
}

/** To the page whose graphs show the series: the subject's own, or that of the guest the evidence is of. */
function Graph({ risk }: { readonly risk: FindingItem }) {
  const shown = risk.evidence.map(({ id }) => id).find((id) => id !== null && byId.value.has(id)) ?? risk.subject;
  const item = byId.value.get(shown);
  if (item === undefined) return null;
  return (
    <Link to={`${entityPath(item.id)}?range=month`} title={`${item.name}: graphs of the last month`}>
      Graphs of {item.name}
    </Link>
  );
}

function More({ risk }: { readonly risk: FindingItem }) {
  const since = momentOf(risk.first_seen_at) ?? now.value;
  return (
    <details>
      <summary class="dim">
        {certaintyWords[risk.certainty]} · since {formatAge((now.value - since) / 1000)}
      </summary>
      <div class="risk-more dim">
        {risk.evidence.map((evidence) => (
          <p key={evidence.what}>{evidenceWords(evidence, "whole")}</p>
        ))}
        <p>How it is told: {risk.formula}.</p>
        <p>First seen {formatMoment(since)}. No probability is told, because none was checked on real failures.</p>
      </div>
    </details>
  );
}
