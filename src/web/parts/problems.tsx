// What is wrong, above everything else: one sentence, then what to do. Nothing at all when nothing is.
import { now } from "../clock.ts";
import { momentOf, type ProblemItem } from "../fleet/item.ts";
import { formatAge, formatMoment } from "../format.ts";
import { byId } from "../live/live.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";
import { StateMark } from "./state-mark.tsx";

const stateOfSeverity = { critical: "failed", warning: "warning", info: "unknown" } as const;

export function Problems({ problems }: { readonly problems: readonly ProblemItem[] }) {
  if (problems.length === 0) return null;
  return (
    <section class="problems" aria-label="Problems">
      {problems.map((problem) => (
        <ProblemLine key={`${problem.code} ${problem.subject}`} problem={problem} />
      ))}
    </section>
  );
}

function ProblemLine({ problem }: { readonly problem: ProblemItem }) {
  const since = momentOf(problem.since_at) ?? now.value;
  const subject = byId.value.get(problem.subject);
  return (
    <div class={`problem ${problem.severity}`}>
      <StateMark state={stateOfSeverity[problem.severity]} words={problem.severity} />
      <p>
        <strong>{problem.message}</strong> <span class="dim">{problem.remedy}</span>
      </p>
      <span class="dim since" title={formatMoment(since)}>
        since {formatAge((now.value - since) / 1000)}
      </span>
      {subject !== undefined && <Link to={entityPath(subject.id)}>{subject.name}</Link>}
    </div>
  );
}
