// A lane per subject, a tick per anomaly: as long as it lasted, as tall as it was strange, grey where it is muted.
import { type AnomalyItem, type Lane, lanesOf, metricWords, reasonWords } from "../anomalies/anomaly.ts";
import { formatDay, formatWhen, plural } from "../format.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";

interface TimelineProps {
  readonly items: readonly AnomalyItem[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
}

const mostLanes = 16;
const dayMs = 86_400_000;

export function AnomalyTimeline({ items, fromMs, toMs, selected, onSelect }: TimelineProps) {
  const lanes = lanesOf(items, fromMs, toMs);
  const shown = lanes.slice(0, mostLanes);
  return (
    <section class="lanes" aria-label="Timeline">
      {shown.map((lane) => (
        <OneLane key={lane.subject} lane={lane} toMs={toMs} selected={selected} onSelect={onSelect} />
      ))}
      <div class="lane axis" aria-hidden="true">
        <span />
        <span class="lane-ticks">
          {daysBetween(fromMs, toMs).map((day) => (
            <span key={day} class="lane-day" style={{ left: `${(100 * (day - fromMs)) / (toMs - fromMs)}%` }}>
              {formatDay(day)}
            </span>
          ))}
        </span>
      </div>
      {lanes.length > mostLanes && (
        <p class="notice">
          {plural(lanes.length - mostLanes, "more entity", "more entities")} with less to tell; the table has them all.
        </p>
      )}
    </section>
  );
}

interface LaneProps extends Pick<TimelineProps, "toMs" | "selected" | "onSelect"> {
  readonly lane: Lane;
}

function OneLane({ lane, toMs, selected, onSelect }: LaneProps) {
  return (
    <div class="lane">
      <span class="lane-name" title={lane.subject}>
        <Link to={entityPath(lane.subject.replace("/target/", "/node/"))}>{lane.name}</Link>
      </span>
      <span class="lane-ticks">
        {lane.ticks.map(({ item, left, width, size }) => (
          <button
            key={item.id}
            type="button"
            class={`tick${item.muted ? " muted" : ""}${item.open ? " open" : ""}`}
            style={{ left: `${left * 100}%`, width: `max(4px, ${width * 100}%)`, height: `${Math.round(size * 100)}%` }}
            aria-pressed={selected === item.id}
            aria-label={tickWords(item, toMs)}
            title={tickWords(item, toMs)}
            onClick={() => onSelect(item.id)}
          />
        ))}
      </span>
    </div>
  );
}

function tickWords(item: AnomalyItem, toMs: number): string {
  const muted = item.muted ? `, muted: ${item.cause ?? ""}` : "";
  return `${item.name}: ${metricWords(item)}, ${reasonWords[item.reason]}, ${formatWhen(Date.parse(item.from_at), toMs)}${muted}`;
}

/** Midnights, eight at most. */
function daysBetween(fromMs: number, toMs: number): readonly number[] {
  const every = Math.max(1, Math.ceil((toMs - fromMs) / dayMs / 8));
  const days: number[] = [];
  for (let day = Math.ceil(fromMs / dayMs) * dayMs; day < toMs; day += every * dayMs) days.push(day);
  return days;
}
