// Saved scenarios: several may be looked at together, committed ones hold their place.
import { useState } from "preact/hooks";
import { callApi, sentence } from "../api.ts";
import type { ScenarioItem } from "../capacity/item.ts";
import { changeWords } from "../capacity/words.ts";

interface Props {
  readonly scenarios: readonly ScenarioItem[];
  readonly chosen: readonly string[];
  readonly onChoose: (ids: readonly string[]) => void;
  readonly mayPlan: boolean;
  readonly onChanged: () => void;
}

export function ScenarioList({ scenarios, chosen, onChoose, mayPlan, onChanged }: Props) {
  const [problem, setProblem] = useState<string | null>(null);
  const act = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
      setProblem(null);
      onChanged();
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  const toggle = (id: string): void =>
    onChoose(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
  return (
    <section class="scenarios" aria-label="Saved scenarios">
      <h3>Saved scenarios</h3>
      <ul>
        {scenarios.map((scenario) => (
          <li key={scenario.id}>
            <label>
              <input type="checkbox" checked={chosen.includes(scenario.id)} onChange={() => toggle(scenario.id)} />
              {scenario.name}
            </label>
            <span class="dim">
              {scenario.state === "committed"
                ? `committed${scenario.ends === null ? "" : ` until ${scenario.ends}`}: `
                : ""}
              {scenario.changes.map(changeWords).join(", ")}
            </span>
            {mayPlan && <Actions scenario={scenario} act={act} />}
          </li>
        ))}
      </ul>
      {problem !== null && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

interface ActionsProps {
  readonly scenario: ScenarioItem;
  readonly act: (work: Promise<unknown>) => Promise<void>;
}

function Actions({ scenario: { id, name, changes, state, ends }, act }: ActionsProps) {
  const path = `/scenarios/${encodeURIComponent(id)}`;
  const isCommitted = state === "committed";
  const body = { name, changes, ends, state: isCommitted ? "draft" : "committed" };
  return (
    <span class="scenario-actions">
      <button type="button" class="plain" onClick={() => void act(callApi(path, { method: "PUT", body }))}>
        {isCommitted ? "take back" : "commit"}
      </button>
      <button
        type="button"
        class="plain"
        aria-label={`Delete ${name}`}
        onClick={() => void act(callApi(path, { method: "DELETE" }))}
      >
        delete
      </button>
    </span>
  );
}
