// Below a graph: the events under the cursor in words, or how many are marked.
import { formatClock, formatWhen, plural } from "../format.ts";
import { eventsNear, type GraphEvent } from "../graph/events.ts";

interface EventLineProps {
  readonly events: readonly GraphEvent[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly atMs: number | null;
}

const mostWords = 3;
/** Share of the graph's width within which a mark belongs to the cursor. */
const reach = 0.008;

export function EventLine({ events, fromMs, toMs, atMs }: EventLineProps) {
  if (events.length === 0) return null;
  if (atMs === null) return <p class="events dim">{plural(events.length, "event")}, marked above</p>;
  const near = eventsNear(events, atMs, reach * (toMs - fromMs));
  const shown = near.slice(0, mostWords).map((event) => `${time(event.atMs, toMs - fromMs, toMs)} ${event.words}`);
  const more = near.length > mostWords ? ` · ${near.length - mostWords} more` : "";
  return (
    <p class="events" title={near.map(({ words }) => words).join("\n")}>
      {shown.join(" · ")}
      {more}
    </p>
  );
}

const time = (atMs: number, spanMs: number, toMs: number): string =>
  spanMs <= 86_400_000 / 2 ? formatClock(atMs) : formatWhen(atMs, toMs);
