// One anomaly explained: the sentence, the numbers, what mutes it, what happened nearby, and the graph of that time.
import {
  type AnomalyItem,
  expectedWords,
  lengthWords,
  metricWords,
  reasonWords,
  valueWords,
} from "../anomalies/anomaly.ts";
import { formatMoment } from "../format.ts";
import { printRange } from "../graph/range.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";

export function AnomalyDetail({ item, onClose }: { readonly item: AnomalyItem; readonly onClose: () => void }) {
  return (
    <section class="panel anomaly" aria-label="Explanation">
      <header>
        <h2>
          {metricWords(item)} of {item.name}
        </h2>
        <div class="panel-tools">
          <Link to={graphPath(item)}>graph</Link>
          <button type="button" class="plain" onClick={onClose}>
            close
          </button>
        </div>
      </header>
      <p>{item.message}</p>
      {item.muted && (
        <p class="dim">
          Muted ({item.cause}): {item.cause_text}.
        </p>
      )}
      <dl>
        <dt>What</dt>
        <dd>
          {reasonWords[item.reason]}, {lengthWords(item)}
        </dd>
        <dt>Furthest value</dt>
        <dd>{valueWords(item, item.peak)}</dd>
        <dt>{item.reason === "shift" ? "Before" : "To be expected"}</dt>
        <dd>{expectedWords(item)}</dd>
        <dt>Score</dt>
        <dd>{item.score === null ? "yes or no" : item.score.toFixed(2)}</dd>
      </dl>
      {item.events.length > 0 && (
        <ul class="near" aria-label="What happened within ten minutes">
          {item.events.map((event) => (
            <li key={`${event.at} ${event.text}`}>
              <span class="dim">{formatMoment(Date.parse(event.at))}</span> {event.text}{" "}
              <span class="dim">
                {event.state}
                {event.user === null ? "" : ` · ${event.user}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The entity's page over the time of the anomaly, with as much on both sides to compare with. */
function graphPath(item: AnomalyItem): string {
  const [from, to] = [Date.parse(item.from_at), Date.parse(item.to_at)];
  const margin = Math.max(3_600_000, 2 * (to - from));
  const { from: begin, to: end } = printRange({ preset: null, fromMs: from - margin, toMs: to + margin });
  const path = entityPath(item.subject.replace("/target/", "/node/"));
  return `${path}?from=${encodeURIComponent(begin ?? "")}&to=${encodeURIComponent(end ?? "")}`;
}
