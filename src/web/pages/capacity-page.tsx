// How much more fits, for how long, which node may fail, and what if.
import type { CapacityItem } from "../capacity/item.ts";
import { now } from "../clock.ts";
import { momentOf } from "../fleet/item.ts";
import { formatAge } from "../format.ts";
import { useAnswer } from "../live/use-answer.ts";
import { CapacityTable } from "../parts/capacity-table.tsx";
import { FailureList } from "../parts/failure-list.tsx";
import { Empty, Failed, Loading } from "../parts/notice.tsx";
import { WhatIf } from "../parts/what-if.tsx";

interface Capacities {
  readonly items: readonly CapacityItem[];
}

export function CapacityPage() {
  const { data, error, retry } = useAnswer<Capacities>("/capacity", ["capacity"]);
  if (data === null || data.items.length === 0) {
    return (
      <section class="panel" aria-label="Capacity">
        <header>
          <h1>Capacity</h1>
        </header>
        {error !== null && <Failed what="Capacity" message={error} retry={retry} />}
        {error === null && data === null && <Loading what="capacity" />}
        {data !== null && (
          <Empty>
            Nothing was computed yet for a cluster that you see as a whole: it is within minutes of the start, then
            every hour.
          </Empty>
        )}
      </section>
    );
  }
  return (
    <>
      {data.items.map((item) => (
        <Cluster key={item.name} item={item} />
      ))}
    </>
  );
}

function Cluster({ item }: { readonly item: CapacityItem }) {
  const at = momentOf(item.at);
  return (
    <>
      <section class="panel" aria-label={`Capacity of ${item.name}`}>
        <header>
          <h1>Capacity of {item.name}</h1>
          <span class="dim">{at === null ? "" : `computed ${formatAge((now.value - at) / 1000)} ago`}</span>
        </header>
        <p class="capacity-sentence">{item.sentence}</p>
        <CapacityTable item={item} />
        <p class="dim fact-source">{basisWords(item)}</p>
      </section>
      <section class="panel" aria-label={`Which node of ${item.name} may fail`}>
        <header>
          <h2>Which node may fail</h2>
        </header>
        <FailureList failures={item.failures} />
        <p class="dim fact-source">
          Guests are placed by their 95th percentile of 30 days. A placement was found, not the one that HA will choose;
          where none was found there may still be one.
        </p>
      </section>
      <WhatIf cluster={item.name} />
    </>
  );
}

function basisWords({ needs, committed, not_applicable: ignored }: CapacityItem): string {
  const guests = needs.measured + needs.latest + needs.allocated;
  const parts = [
    `${needs.measured} of ${guests} guests count with what they needed in 30 days` +
      (needs.latest + needs.allocated === 0
        ? ""
        : `, ${needs.latest} with their newest value, ${needs.allocated} with all they were given`),
    committed.length === 0 ? "" : `subtracted: ${committed.join(", ")}`,
    ...ignored.map(({ name, why }) => `${name} is not subtracted: ${why}`),
  ];
  return `${parts.filter((part) => part !== "").join("; ")}.`;
}
