// Which node may fail now: a line each, and its guests by what becomes of them.
import type { FailureItem } from "../capacity/item.ts";
import { failureLists, verdictLevels, verdictMarks, verdictWords } from "../capacity/words.ts";
import { formatBytes, formatMoment } from "../format.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";

/** What needs somebody first. */
const order = ["no", "unknown", "with-work", "yes"] as const;

export function FailureList({ failures }: { readonly failures: readonly FailureItem[] }) {
  const sorted = failures.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  return (
    <ul class="failures">
      {sorted.map((failure) => (
        <li key={failure.node}>
          <Failure failure={failure} />
        </li>
      ))}
    </ul>
  );
}

function Failure({ failure }: { readonly failure: FailureItem }) {
  const { node, verdict, sentence, quorum, ceph, largest_unplaced: largest } = failure;
  return (
    <details>
      <summary class="failure-head">
        <span class={`verdict ${verdictLevels[verdict]}`} aria-hidden="true">
          {verdictMarks[verdict]}
        </span>
        <span class="failure-node">
          {node} <span class="dim">{verdictWords[verdict]}</span>
        </span>
        <span class="failure-sentence">{sentence.replace(/^When \S+ fails: /, "")}</span>
      </summary>
      <div class="failure-body">
        {quorum !== null && (
          <p>
            Quorum {quorum.kept ? "is kept" : "is lost"}: {quorum.votes_left} votes left, {quorum.votes_needed} needed.
          </p>
        )}
        {ceph !== null && <p>{ceph.sentence}.</p>}
        {largest !== null && (
          <p>
            The largest guest without a place is {largest.name}: it needs {formatBytes(largest.memory_bytes)} and{" "}
            {largest.cpu_cores.toFixed(1)} cores
            {failure.room_on_average ? "; at what guests need on average all would fit" : ""}.
          </p>
        )}
        {failureLists.map(([list, title]) => (
          <Guests key={list} title={title} guests={failure[list]} />
        ))}
      </div>
    </details>
  );
}

function Guests({ title, guests }: { readonly title: string; readonly guests: FailureItem["restarts"] }) {
  if (guests.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>
        {title} <span class="dim">{guests.length}</span>
      </h3>
      <ul class="failed-guests">
        {guests.map((guest) => (
          <li key={guest.id}>
            <Link to={entityPath(guest.id)}>{guest.name}</Link> <span class="dim">{detail(guest)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function detail({ to, why, loses_since: since }: FailureItem["restarts"][number]): string {
  const parts = [
    to === null ? "" : `room on ${to}`,
    why ?? "",
    since === null ? "" : `loses what was written after ${formatMoment(since)}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
