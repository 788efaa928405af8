// The month in six numbers.
import type { CostList, CostOutlook } from "../../model/cost-answer.ts";
import { formatMoney, formatRound, formatVariance } from "../costs/money.ts";
import { formatRatio } from "../format.ts";
import { Tile } from "./tiles.tsx";

export function CostTiles({ list, outlook }: { readonly list: CostList; readonly outlook: CostOutlook }) {
  const { currency, digits } = list;
  const round = (amount: number | null): string => (amount === null ? "–" : formatRound(amount, digits));
  const { forecast_low: low, forecast_high: high, last_month: last } = outlook;
  return (
    <section class="tiles" aria-label="The month in numbers">
      <Tile title="Month to date" value={round(outlook.month_to_date)} unit={currency}>
        {last === null
          ? `${Math.round(outlook.elapsed_hours)} hours`
          : `last month ${formatMoney(last, currency, digits)}`}
      </Tile>
      <Tile title="Run rate" value={round(outlook.run_rate)} unit={`${currency} / month`}>
        {`${outlook.run_rate_hours} h like the month so far`}
      </Tile>
      <Tile
        title="Forecast to month end"
        value={round(outlook.forecast)}
        unit={outlook.forecast === null ? "" : currency}
      >
        <span title={outlook.forecast_formula}>
          {outlook.forecast_state ?? (low === high ? "estimate" : `estimate, ${round(low)}–${round(high)}`)}
        </span>
      </Tile>
      <BudgetTile outlook={outlook} currency={currency} digits={digits} />
      <Tile title="Idle" value={shareWords(outlook.idle_share)}>
        of this month's cost
      </Tile>
      <Tile title="Has an owner" value={shareWords(outlook.allocation_coverage)}>
        {`of the cost; all tags: ${shareWords(outlook.tag_compliance)}`}
      </Tile>
    </section>
  );
}

const shareWords = (share: number | null): string => (share === null ? "–" : formatRatio(share));

interface BudgetProps {
  readonly outlook: CostOutlook;
  readonly currency: string;
  readonly digits: number;
}

/** The budget that is expected to be missed most. */
function BudgetTile({ outlook, currency, digits }: BudgetProps) {
  const worst = [...outlook.budgets].sort(
    (a, b) => (b.expected_variance ?? b.variance) - (a.expected_variance ?? a.variance),
  )[0];
  if (worst === undefined) {
    return (
      <Tile title="Budget" value="–">
        none is entered
      </Tile>
    );
  }
  const variance = worst.expected_variance ?? worst.variance;
  const words = worst.expected_variance === null ? "so far" : "expected";
  return (
    <Tile title={`Budget ${worst.name}`} value={formatVariance(variance)} mark={variance > 0 ? "over budget" : null}>
      {`${words}, of ${formatMoney(worst.per_month, currency, digits)}`}
    </Tile>
  );
}
