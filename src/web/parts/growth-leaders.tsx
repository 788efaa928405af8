// What has grown most in thirty days, as the last run of the job saw it.
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import { formatRatioFine } from "../format.ts";
import type { GrowthChoice } from "../graph/growth-choices.ts";
import { formatValue } from "../graph/units.ts";
import { useAnswer } from "../live/use-answer.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";
import { Empty, Failed, Loading } from "./notice.tsx";

interface GrowthItem {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly field: string;
  readonly growth: number;
  readonly slope_per_day: number;
  readonly share_ratio: number;
  readonly mean: number;
}

const mostRows = 25;

export function GrowthLeaders({ choice: { title, kind, field, unit } }: { readonly choice: GrowthChoice }) {
  const path = `/growth?kind=${kind}&field=${field}&sort=-growth&limit=${mostRows}`;
  const { data, error, retry } = useAnswer<{ readonly items: readonly GrowthItem[] }>(path, ["growth"]);
  return (
    <section class="panel" aria-label="Growth in thirty days">
      <header>
        <h1>{title}: growth in thirty days</h1>
      </header>
      {data === null && error === null && <Loading what="what grows" />}
      {data === null && error !== null && <Failed what="What grows" message={error} retry={retry} />}
      {data?.items.length === 0 && (
        <Empty>Nothing of this has grown in thirty days, or nothing was looked at yet (every hour).</Empty>
      )}
      {data !== null && data.items.length > 0 && (
        <div class="fact-scroll" role="group" tabIndex={0} aria-label="Growth, scrolls sideways">
          <table class="fact-table" aria-label="Growth in thirty days">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col" class="right">
                  Growth
                </th>
                <th scope="col" class="right">
                  Per day
                </th>
                <th scope="col" class="right">
                  Mean
                </th>
                <th scope="col" class="right">
                  Share of all growth
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((item) => (
                <tr key={item.id}>
                  <td>
                    <Link to={`${entityPath(item.id)}?range=month&forecast=1`}>{item.name}</Link>
                  </td>
                  <td class="right">+{formatValue(unit, item.growth)}</td>
                  <td class="right">+{formatValue(unit, item.slope_per_day)}</td>
                  <td class="right">{formatValue(unit, item.mean)}</td>
                  <td class="right">{formatRatioFine(item.share_ratio)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p class="dim fact-source">
        Lines of Theil and Sen through the daily means, which a single day does not move. Growth is what the line rises
        by.
      </p>
    </section>
  );
}
