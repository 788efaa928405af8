// How each thing was in a window of time, beside the same window before it.
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import { formatDay, formatRatioFine } from "../format.ts";
import type { GraphUnit } from "../graph/graph-spec.ts";
import { type CompareWindow, type GrowthChoice, windowNames, windows } from "../graph/growth-choices.ts";
import { formatValue } from "../graph/units.ts";
import { useAnswer } from "../live/use-answer.ts";
import { setQuery } from "../location.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";
import { Empty, Failed, Loading } from "./notice.tsx";

interface Comparison {
  readonly id: string;
  readonly name: string;
  readonly before: number | null;
  readonly now: number | null;
  readonly change: number | null;
  readonly change_ratio: number | null;
}
interface CompareAnswer {
  readonly before_from: number;
  readonly before_to: number;
  readonly mean_before: number | null;
  readonly mean_now: number | null;
  readonly rows: readonly Comparison[];
}

const mostRows = 25;

interface PeriodComparisonProps {
  readonly choice: GrowthChoice;
  readonly window: CompareWindow;
}

export function PeriodComparison({ choice: { title, kind, field, unit }, window }: PeriodComparisonProps) {
  const path = `/compare?kind=${kind}&field=${field}&window=${windows[window]}&top=${mostRows}`;
  const { data, error, retry } = useAnswer<CompareAnswer>(path, ["growth"]);
  return (
    <section class="panel" aria-label="Compared with before">
      <header>
        <h2>
          {title}: this {window} against the {window} before
        </h2>
        <div class="panel-tools">
          {windowNames.map((name) => (
            <button
              key={name}
              type="button"
              class="plain"
              aria-pressed={window === name}
              onClick={() => setQuery({ window: name === "week" ? null : name })}
            >
              {name}
            </button>
          ))}
        </div>
      </header>
      {data === null && error === null && <Loading what="the comparison" />}
      {data === null && error !== null && <Failed what="The comparison" message={error} retry={retry} />}
      {data?.rows.length === 0 && <Empty>Nothing of this was measured in either {window}.</Empty>}
      {data !== null && data.rows.length > 0 && <CompareRows data={data} unit={unit} />}
      {data !== null && (
        <p class="dim fact-source">
          Means; before is {formatDay(data.before_from)} to {formatDay(data.before_to)}.
          {data.mean_now !== null && data.mean_before !== null
            ? ` Mean of all that were measured in both: ${formatValue(unit, data.mean_before)}, now ${formatValue(unit, data.mean_now)}.`
            : " Nothing was measured in both."}
        </p>
      )}
    </section>
  );
}

function CompareRows({ data, unit }: { readonly data: CompareAnswer; readonly unit: GraphUnit }) {
  const value = (amount: number | null): string => (amount === null ? "not measured" : formatValue(unit, amount));
  return (
    <div class="fact-scroll" role="group" tabIndex={0} aria-label="Comparison, scrolls sideways">
      <table class="fact-table" aria-label="Compared with before">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" class="right">
              Before
            </th>
            <th scope="col" class="right">
              Now
            </th>
            <th scope="col" class="right">
              Change
            </th>
            <th scope="col" class="right">
              Relative
            </th>
          </tr>
        </thead>
        <tbody>
          {data.rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Link to={entityPath(row.id)}>{row.name}</Link>
              </td>
              <td class="right">{value(row.before)}</td>
              <td class="right">{value(row.now)}</td>
              <td class="right">{row.change === null ? "–" : signed(row.change, (size) => formatValue(unit, size))}</td>
              <td class="right">{row.change_ratio === null ? "–" : signed(row.change_ratio, formatRatioFine)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const signed = (amount: number, text: (size: number) => string): string =>
  `${amount < 0 ? "−" : "+"}${text(Math.abs(amount))}`;
