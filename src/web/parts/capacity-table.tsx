// What remains of a cluster, its nodes and its storages: a row per resource.
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import type { CapacityItem, LineItem, ScopeItem } from "../capacity/item.ts";
import {
  amountWords,
  guestsWords,
  limitWords,
  resourceWords,
  timeLevel,
  timeReason,
  timeWords,
} from "../capacity/words.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";

const headings = ["Of", "Resource", "Usable", "Needed", "Reserved", "Remaining", "Time remaining", "Guests"] as const;

export function CapacityTable({ item }: { readonly item: CapacityItem }) {
  const groups = [
    ["Cluster", [item.cluster]],
    ["Nodes", item.nodes],
    ["Storage", item.storages],
  ] as const;
  return (
    <div class="fact-scroll" role="group" tabIndex={0} aria-label="What remains, scrolls sideways">
      <table class="fact-table capacity-table" aria-label="What remains">
        <thead>
          <tr>
            {headings.map((title, place) => (
              <th key={title} scope="col" class={place > 1 ? "right" : ""} title={hints[title]}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        {groups.map(([title, scopes]) => (
          <tbody key={title} aria-label={title}>
            {scopes.flatMap((scope) => scope.lines.map((line, place) => Row({ scope, line, isFirst: place === 0 })))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

const hints: Readonly<Record<(typeof headings)[number], string>> = {
  Of: "",
  Resource: "",
  Usable: "Total less one node in reserve (cluster) and what the hosts need; storages until they count as full",
  Needed: "At most in the next three days: by the forecast, else the 95th percentile of 30 days, else now",
  Reserved: "Held by committed scenarios",
  Remaining: "Usable less needed and reserved",
  "Time remaining": "Until the upper end of the 90 % interval, and until the mean of the forecast, passes usable",
  Guests: "Guests of the average size that still fit",
};

interface RowProps {
  readonly scope: ScopeItem;
  readonly line: LineItem;
  readonly isFirst: boolean;
}

function Row({ scope, line, isFirst }: RowProps) {
  const { resource, usable, peak, reserved, remaining, time, notes } = line;
  return (
    <tr key={`${scope.id} ${scope.part} ${resource}`}>
      <td>{isFirst && <Name scope={scope} />}</td>
      <td>{resourceWords[resource]}</td>
      <td class="right" title={notes.join(" ")}>
        {amountWords(resource, usable)}
      </td>
      <td class="right">{amountWords(resource, peak)}</td>
      <td class="right">{reserved === 0 ? "" : amountWords(resource, reserved)}</td>
      <td class={`right ${remaining !== null && remaining < 0 ? "failed" : ""}`}>{amountWords(resource, remaining)}</td>
      <td class={`right ${timeLevel(time)} ${time.state === "none" ? "dim" : ""}`} title={timeReason(time)}>
        {timeWords(time)}
      </td>
      <td class="right" title={isFirst ? limitWords(scope) : undefined}>
        {isFirst ? guestsWords(scope) : ""}
      </td>
    </tr>
  );
}

const Name = ({ scope }: { readonly scope: ScopeItem }) => <Link to={entityPath(scope.id)}>{scope.name}</Link>;
