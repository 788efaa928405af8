// The same anomalies as a table, newest first.
import {
  type AnomalyItem,
  expectedWords,
  lengthWords,
  metricWords,
  reasonWords,
  valueWords,
} from "../anomalies/anomaly.ts";
import { now } from "../clock.ts";
import { formatMoment, formatWhen } from "../format.ts";

interface AnomalyTableProps {
  readonly items: readonly AnomalyItem[];
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
}

export function AnomalyTable({ items, selected, onSelect }: AnomalyTableProps) {
  return (
    <table class="tasks anomalies" aria-label="Anomalies">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Begun</th>
          <th scope="col" class="right">
            Value
          </th>
          <th scope="col" class="right">
            To be expected
          </th>
          <th scope="col" class="right">
            Score
          </th>
          <th scope="col">Muted by</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.id} class={item.muted ? "muted" : ""} aria-selected={item.id === selected}>
            <td class="what">
              <button type="button" class="plain" title={item.message} onClick={() => onSelect(item.id)}>
                {item.name} · {metricWords(item)}
              </button>{" "}
              <span class="dim">{reasonWords[item.reason]}</span>
            </td>
            <td class="when" title={formatMoment(Date.parse(item.from_at))}>
              {formatWhen(Date.parse(item.from_at), now.value)} <span class="dim">{lengthWords(item)}</span>
            </td>
            <td class="right how">{valueWords(item, item.peak)}</td>
            <td class="right dim where">{expectedWords(item)}</td>
            <td class="right took">{item.score === null ? "" : item.score.toFixed(2)}</td>
            <td class="dim who">{item.cause ?? ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
