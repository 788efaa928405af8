// The table of costs: it adds up to the total in its last line.
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import type { CostList, CostRow } from "../../model/cost-answer.ts";
import { formatAmount } from "../costs/money.ts";
import { formatCount, formatRatio } from "../format.ts";
import { byId } from "../live/live.ts";
import { entityPath } from "../route.ts";
import { Link } from "./link.tsx";

interface TableProps {
  readonly list: CostList;
  readonly by: string;
  readonly chosen: string | null;
}

export function CostTable({ list, by, chosen }: TableProps) {
  const amount = (value: number): string => formatAmount(value, list.digits);
  // Idle capacity is of one resource, a shared cost of none.
  const part = (row: CostRow, value: number): string => (row.kind !== "group" && value === 0 ? "" : amount(value));
  const whole = list.rows.reduce((sum, { cost }) => sum + cost, 0);
  return (
    <div class="fact-scroll" role="group" tabIndex={0} aria-label="Costs, scrolls sideways">
      <table class="fact-table costs" aria-label={`Costs by ${by}`}>
        <thead>
          <tr>
            <th scope="col">{by}</th>
            <th scope="col" class="right">{`Cost (${list.currency})`}</th>
            <th scope="col" class="right">
              Share
            </th>
            <th scope="col" class="right">
              Guests
            </th>
            <th scope="col" class="right">
              CPU
            </th>
            <th scope="col" class="right">
              Memory
            </th>
            <th scope="col" class="right">
              Storage
            </th>
            <th scope="col" class="right">
              Shared
            </th>
            <th scope="col" class="right">
              Used
            </th>
          </tr>
        </thead>
        <tbody>
          {list.rows.map((row) => (
            <tr key={`${row.kind} ${row.key}`} class={rowClass(row, chosen)} id={rowId(row)}>
              <td>
                <RowName row={row} />
              </td>
              <td class="right sum">{amount(row.cost)}</td>
              <td class="right">{whole > 0 ? formatRatio(row.cost / whole) : ""}</td>
              <td class="right">{row.kind === "group" ? formatCount(row.guests) : ""}</td>
              <td class="right">{part(row, row.cpu)}</td>
              <td class="right">{part(row, row.memory)}</td>
              <td class="right">{part(row, row.storage)}</td>
              <td class="right">{part(row, row.shared)}</td>
              <td class="right">{row.used_share === null ? "" : formatRatio(row.used_share)}</td>
            </tr>
          ))}
        </tbody>
        {list.total !== null && (
          <tfoot>
            <tr>
              <th scope="row">Total, as entered</th>
              <td class="right sum">{amount(list.total)}</td>
              <td class="right">100%</td>
              <td colSpan={6} />
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

export const rowId = ({ kind, key }: Pick<CostRow, "kind" | "key">): string => `cost-${kind}-${key}`;

const rowClass = (row: CostRow, chosen: string | null): string =>
  [row.kind === "group" ? "" : "aside", rowId(row) === chosen ? "current" : ""].filter((name) => name !== "").join(" ");

function RowName({ row }: { readonly row: CostRow }) {
  if (row.kind === "group" && byId.value.has(row.key)) return <Link to={entityPath(row.key)}>{row.name}</Link>;
  return <span class={row.key === "" ? "dim" : ""}>{row.name}</span>;
}
