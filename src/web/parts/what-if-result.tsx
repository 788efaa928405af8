// The answer to a what-if, before beside after.
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import type { LineItem, ScopeItem, WhatIfItem } from "../capacity/item.ts";
import {
  amountWords,
  guestsWords,
  resourceWords,
  timeLevel,
  timeReason,
  timeWords,
  verdictLevels,
  verdictMarks,
  verdictWords,
} from "../capacity/words.ts";

/** More names help nobody. */
const mostNames = 20;

export function WhatIfResult({ answer }: { readonly answer: WhatIfItem }) {
  const { cluster, storages, no_place: noPlace, notes } = answer;
  return (
    <div class="what-if-result" aria-live="polite">
      <p class="what-if-sentence">{answer.sentence}</p>
      <div class="fact-scroll" role="group" tabIndex={0} aria-label="Before and after, scrolls sideways">
        <table class="fact-table" aria-label="Before and after">
          <thead>
            <tr>
              {["Of", "Resource", "Remaining before", "after", "Time before", "after", "Guests before", "after"].map(
                (title, place) => (
                  <th key={`${title} ${place}`} scope="col" class={place > 1 ? "right" : ""}>
                    {title}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            <Scope before={cluster.before} after={cluster.after} />
            {storages.map(({ before, after }) => (
              <Scope key={`${before.id} ${before.part}`} before={before} after={after} />
            ))}
          </tbody>
        </table>
      </div>
      <Failures answer={answer} />
      {noPlace.length > 0 && (
        <>
          <h3>Without a place</h3>
          <ul class="failed-guests">
            {noPlace.slice(0, mostNames).map(({ name, why }) => (
              <li key={name}>
                {name} <span class="dim">{why}</span>
              </li>
            ))}
            {noPlace.length > mostNames && <li class="dim">and {noPlace.length - mostNames} more</li>}
          </ul>
        </>
      )}
      {notes.map((note) => (
        <p key={note} class="dim">
          {note}
        </p>
      ))}
    </div>
  );
}

function Scope({ before, after }: { readonly before: ScopeItem; readonly after: ScopeItem | null }) {
  return (
    <>
      {before.lines.map((line, place) => {
        const then = after?.lines.find(({ resource }) => resource === line.resource);
        return (
          <tr key={line.resource}>
            <td>{place === 0 ? before.name : ""}</td>
            <td>{resourceWords[line.resource]}</td>
            <td class="right">{amountWords(line.resource, line.remaining)}</td>
            <Remaining line={then} />
            <Time line={line} />
            <Time line={then} />
            <td class="right">{place === 0 ? guestsWords(before) : ""}</td>
            <td class="right">{place === 0 && after !== null ? guestsWords(after) : ""}</td>
          </tr>
        );
      })}
    </>
  );
}

function Remaining({ line }: { readonly line: LineItem | undefined }) {
  if (line === undefined) return <td class="right dim">gone</td>;
  const { resource, remaining } = line;
  return (
    <td class={`right ${remaining !== null && remaining < 0 ? "failed" : ""}`}>{amountWords(resource, remaining)}</td>
  );
}

function Time({ line }: { readonly line: LineItem | undefined }) {
  if (line === undefined) return <td />;
  return (
    <td
      class={`right ${timeLevel(line.time)} ${line.time.state === "none" ? "dim" : ""}`}
      title={timeReason(line.time)}
    >
      {timeWords(line.time)}
    </td>
  );
}

/** Only nodes whose verdict changes: the others are in the list above. */
function Failures({ answer }: { readonly answer: WhatIfItem }) {
  const changed = answer.failures.filter(({ before, after }) => before?.verdict !== after?.verdict);
  const lost = answer.losses.map(({ sentence }) => sentence);
  if (changed.length === 0 && lost.length === 0) return null;
  return (
    <>
      <h3>Which node may fail then</h3>
      <ul class="failed-guests">
        {lost.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
        {changed.map(({ node, before, after }) => (
          <li key={node}>
            {node} <span class="dim">{before === null ? "new" : verdictWords[before.verdict]} →</span>{" "}
            {after === null ? (
              <span class="dim">gone</span>
            ) : (
              <span title={after.sentence}>
                <span class={verdictLevels[after.verdict]} aria-hidden="true">
                  {verdictMarks[after.verdict]}
                </span>{" "}
                {verdictWords[after.verdict]}
              </span>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
