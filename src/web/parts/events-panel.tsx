// What happened to an entity besides tasks: changed configurations, HA, log lines, changed facts.
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import { now } from "../clock.ts";
import { momentOf } from "../fleet/item.ts";
import { formatMoment, formatWhen } from "../format.ts";
import { type EventItem, eventWords } from "../graph/events.ts";

const mostRows = 12;
const titles: Readonly<Record<EventItem["topic"], string>> = {
  task: "Task",
  log: "Cluster log",
  config: "Configuration",
  ha: "HA",
  fact: "Change",
};

export function EventsPanel({ events }: { readonly events: readonly EventItem[] | null }) {
  const shown = (events ?? []).filter(({ topic }) => topic !== "task").slice(0, mostRows);
  if (shown.length === 0) return null;
  return (
    <section class="panel" aria-label="Events">
      <header>
        <h2>Events</h2>
        <span class="dim">in the time of the graphs</span>
      </header>
      <div class="fact-scroll" role="group" tabIndex={0} aria-label="Events, scrolls sideways">
        <table class="fact-table" aria-label="Events">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">What</th>
              <th scope="col">Description</th>
              <th scope="col">Node</th>
              <th scope="col">User name</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((event) => (
              <Row key={event.seq} event={event} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ event }: { readonly event: EventItem }) {
  const at = momentOf(event.at) ?? now.value;
  return (
    <tr>
      <td class="dim" title={formatMoment(at)}>
        {formatWhen(at, now.value)}
      </td>
      <td>{titles[event.topic]}</td>
      <td class={`wide ${event.state === "failed" || event.state === "warning" ? event.state : ""}`}>
        {eventWords(event)}
      </td>
      <td class="dim">{event.node}</td>
      <td class="dim">{event.user}</td>
    </tr>
  );
}
