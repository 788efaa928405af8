// What is watched for failures, how much of it has data enough, and when the rest will.
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import { formatCount, formatDate } from "../format.ts";

export interface RiskWatchItem {
  readonly cluster: string;
  readonly rule: string;
  readonly title: string;
  readonly summary: string;
  readonly watched: number;
  readonly waiting: number;
  readonly waiting_for: string | null;
  readonly ready_at: string | null;
  readonly looked_at: string | null;
}

export function RiskWatch({ items }: { readonly items: readonly RiskWatchItem[] }) {
  const several = new Set(items.map(({ cluster }) => cluster)).size > 1;
  return (
    <section class="panel" aria-label="What is watched">
      <header>
        <h2>What is watched</h2>
      </header>
      <div class="fact-scroll" role="group" tabIndex={0} aria-label="What is watched, scrolls sideways">
        <table class="fact-table">
          <thead>
            <tr>
              {several && <th scope="col">Cluster</th>}
              <th scope="col">What</th>
              <th scope="col" class="right">
                Watched
              </th>
              <th scope="col">Too little data yet</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={`${item.cluster} ${item.rule}`}>
                {several && <td>{item.cluster}</td>}
                <td class="wide">
                  {item.title} <span class="dim">{item.summary}</span>
                </td>
                <td class="right">{formatCount(item.watched)}</td>
                <td class="dim">{waitingWords(item)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function waitingWords({ waiting, waiting_for, ready_at }: RiskWatchItem): string {
  if (waiting === 0) return "";
  const until = ready_at === null ? "" : `, all by ${formatDate(Date.parse(ready_at))}`;
  return `${formatCount(waiting)} more: ${waiting_for ?? "no data yet"}${until}`;
}
