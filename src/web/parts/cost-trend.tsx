// What each day cost: a bar per day, its idle part paler. The table below it says the same in numbers.
import type { CostList, CostTrendPoint } from "../../model/cost-answer.ts";
import { formatAmount, formatMoney } from "../costs/money.ts";

export function CostTrend({ list }: { readonly list: CostList }) {
  const { trend, currency, digits } = list;
  const highest = Math.max(...trend.map(({ cost }) => cost), 0);
  if (trend.length === 0 || highest === 0) return null;
  const first = trend[0]?.day ?? "";
  const last = trend.at(-1)?.day ?? "";
  return (
    <section class="panel" aria-label="Cost by day">
      <header>
        <h2>By day</h2>
        <span class="dim">{`highest ${formatMoney(highest, currency, digits)}`}</span>
      </header>
      <div
        class="bars"
        role="img"
        aria-label={`Cost by day from ${first} to ${last}, highest ${formatMoney(highest, currency, digits)}`}
      >
        {trend.map((point) => (
          <Bar
            key={point.day}
            point={point}
            highest={highest}
            words={`${point.day}: ${formatMoney(point.cost, currency, digits)}${point.closed ? "" : ", not closed yet"}`}
          />
        ))}
      </div>
      <p class="bars-axis dim">
        <span>{first}</span>
        <span>{last}</span>
      </p>
      <details class="cost-days">
        <summary class="dim">Days as a table</summary>
        <table class="fact-table" aria-label="Cost by day">
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              <th scope="col" class="right">
                Idle
              </th>
              <th scope="col" class="right">{`Cost (${currency})`}</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {trend.map(({ day, cost, idle, closed }) => (
              <tr key={day}>
                <td>{day}</td>
                <td class="right">{formatAmount(idle, digits)}</td>
                <td class="right">{formatAmount(cost, digits)}</td>
                <td>{closed ? "closed" : "running"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

interface BarProps {
  readonly point: CostTrendPoint;
  readonly highest: number;
  readonly words: string;
}

function Bar({ point: { cost, idle, closed }, highest, words }: BarProps) {
  const percent = (value: number): string => `${((100 * value) / highest).toFixed(2)}%`;
  return (
    <div class={closed ? "bar-day" : "bar-day open"} title={words}>
      <div class="idle" style={{ height: percent(idle) }} />
      <div class="busy" style={{ height: percent(cost - idle) }} />
    </div>
  );
}
