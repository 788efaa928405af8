// A cluster without rates: no money, how to enter some, and what share each has.
// biome-ignore-all lint/a11y/useSemanticElements: a table that scrolls is no form.
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls sideways must be reachable by keyboard.
import type { CostShares } from "../../model/cost-answer.ts";
import { formatRatioFine } from "../format.ts";

const example = `clusters:
  - id: CLUSTER
    cost_model:
      currency: EUR
      cpu_per_core_hour: 0.012
      memory_per_gb_hour: 0.004
      storage_per_gb_month: 0.06`;

export function CostSharesPanel({ shares, by }: { readonly shares: CostShares; readonly by: string }) {
  const words = (share: number | null): string => (share === null ? "–" : formatRatioFine(share));
  return (
    <section class="panel" aria-label={`No rates entered for ${shares.cluster}`}>
      <header>
        <h2>{`No rates entered for ${shares.cluster}`}</h2>
      </header>
      <p class="notice">
        No money is shown until rates are entered: prices per core, GiB and month, or what was bought and for how many
        years. Add them to pilothouse.yaml, check with <code>pilothouse check-config</code>, then{" "}
        <code>pilothouse reload</code>.
      </p>
      <pre class="cost-example">{example.replace("CLUSTER", shares.cluster)}</pre>
      <div class="fact-scroll" role="group" tabIndex={0} aria-label="Shares, scrolls sideways">
        <table class="fact-table" aria-label={`Shares of ${shares.cluster} by ${by}`}>
          <caption class="dim">{`Shares of what the cluster has, last ${shares.hours} hours`}</caption>
          <thead>
            <tr>
              <th scope="col">{by}</th>
              <th scope="col" class="right">
                CPU
              </th>
              <th scope="col" class="right">
                Memory
              </th>
              <th scope="col" class="right">
                Storage
              </th>
            </tr>
          </thead>
          <tbody>
            {shares.rows.map(({ kind, key, name, cpu, memory, storage }) => (
              <tr key={`${kind} ${key}`} class={kind === "idle" ? "aside" : ""}>
                <td>{name}</td>
                <td class="right">{words(cpu)}</td>
                <td class="right">{words(memory)}</td>
                <td class="right">{words(storage)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
