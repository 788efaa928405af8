// Budgets, unit costs, power: what the month means for those who pay.
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import type { CostList, CostOutlook } from "../../model/cost-answer.ts";
import { formatAmount, formatVariance } from "../costs/money.ts";
import { formatCount } from "../format.ts";

export function CostBudgets({ list, outlook }: { readonly list: CostList; readonly outlook: CostOutlook }) {
  const amount = (value: number | null): string => (value === null ? "–" : formatAmount(value, list.digits));
  if (outlook.budgets.length === 0) return null;
  return (
    <section class="panel" aria-label="Budgets">
      <header>
        <h2>Budgets of the month</h2>
      </header>
      <div class="fact-scroll" role="group" tabIndex={0} aria-label="Budgets, scrolls sideways">
        <table class="fact-table" aria-label="Budgets">
          <thead>
            <tr>
              <th scope="col">Budget</th>
              <th scope="col">Of</th>
              <th scope="col" class="right">{`Month (${list.currency})`}</th>
              <th scope="col" class="right">
                Spent
              </th>
              <th scope="col" class="right">
                Expected
              </th>
              <th scope="col" class="right">
                Variance
              </th>
              <th scope="col" class="right">
                Year
              </th>
              <th scope="col">Overlaps</th>
            </tr>
          </thead>
          <tbody>
            {outlook.budgets.map((budget) => {
              const variance = budget.expected_variance ?? budget.variance;
              return (
                <tr key={`${budget.scope} ${budget.name}`}>
                  <td>{budget.name}</td>
                  <td>{budget.scope}</td>
                  <td class="right">{amount(budget.per_month)}</td>
                  <td class="right">{amount(budget.spent)}</td>
                  <td class="right">{amount(budget.expected)}</td>
                  <td class={`right ${variance > 0 ? "warning" : ""}`}>{formatVariance(variance)}</td>
                  <td class="right">{`${amount(budget.year_spent)} of ${amount(budget.year_budget)}`}</td>
                  <td>{budget.overlaps.join(", ")}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function CostAsides({ list, outlook }: { readonly list: CostList; readonly outlook: CostOutlook }) {
  const units = outlook.units.map(
    ({ name, scope, cost_per_unit: cost, basis }) =>
      `One of ${name} (${scope}) costs ${formatAmount(cost, list.digits)} ${list.currency}: ${basis}.`,
  );
  const energy =
    outlook.energy_kwh === null
      ? []
      : [
          `Power, an estimate by idle and full load: ${formatCount(outlook.energy_kwh)} kWh this month${outlook.co2_kg === null ? "" : `, ${formatCount(outlook.co2_kg)} kg CO2`}. It is not billed by this.`,
        ];
  const lines = [...list.notes, ...units, ...energy, `${list.basis}; tariff ${list.tariffs.join(", ")}`];
  return (
    <ul class="cost-notes dim">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
