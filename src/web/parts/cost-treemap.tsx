// The costs as areas. Every area is a button that shows its line in the table, which says the same in numbers.
import type { CostList, CostRow } from "../../model/cost-answer.ts";
import { formatMoney } from "../costs/money.ts";
import { treemap } from "../costs/treemap.ts";
import { rowId } from "./cost-table.tsx";

/** More would be slivers. */
const most = 60;
const aspect = 2.6;

interface TreemapProps {
  readonly list: CostList;
  readonly chosen: string | null;
  readonly choose: (id: string) => void;
}

export function CostTreemap({ list, chosen, choose }: TreemapProps) {
  const tiles = treemap(shown(list.rows), ({ cost }) => cost, aspect);
  return (
    <ul class="treemap" aria-label="Costs as areas">
      {tiles.map(({ item, left, top, width, height }) => {
        const money = formatMoney(item.cost, list.currency, list.digits);
        const id = rowId(item);
        return (
          <li
            key={id}
            style={{ left: percent(left), top: percent(top), width: percent(width), height: percent(height) }}
          >
            <button
              type="button"
              class={item.kind === "group" ? "" : "aside"}
              aria-pressed={id === chosen}
              aria-label={`${item.name} ${money}`}
              title={`${item.name}, ${money}`}
              onClick={() => choose(id)}
            >
              {width > 0.07 && height > 0.1 && (
                <>
                  <span>{item.name}</span> {height > 0.18 && <span class="amount">{money}</span>}
                </>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

/** The largest, and one area for all others. */
function shown(rows: readonly CostRow[]): readonly Pick<CostRow, "kind" | "key" | "name" | "cost">[] {
  const sorted = [...rows].sort((a, b) => b.cost - a.cost);
  const others = sorted.slice(most);
  const cost = others.reduce((sum, row) => sum + row.cost, 0);
  const rest = { kind: "group" as const, key: "others", name: `${others.length} others`, cost };
  return others.length === 0 ? sorted : [...sorted.slice(0, most), rest];
}
