// What-if: changes are put together, answered at once, saved, combined, and committed.
import { useEffect, useState } from "preact/hooks";
import { callApi, isAbort, sentence } from "../api.ts";
import type { Change, ScenarioItem, WhatIfItem } from "../capacity/item.ts";
import { changeWords } from "../capacity/words.ts";
import { useAnswer } from "../live/use-answer.ts";
import { me } from "../session.ts";
import { ChangeForm } from "./change-form.tsx";
import { ScenarioList } from "./scenario-list.tsx";
import { WhatIfResult } from "./what-if-result.tsx";

interface Scenarios {
  readonly items: readonly ScenarioItem[];
}

export function WhatIf({ cluster }: { readonly cluster: string }) {
  const [changes, setChanges] = useState<readonly Change[]>([]);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const saved = useAnswer<Scenarios>("/scenarios", ["scenario"]);
  const mine = (saved.data?.items ?? []).filter((scenario) => scenario.cluster === cluster);
  const used = chosen.filter((id) => mine.some((scenario) => scenario.id === id));
  const { answer, error } = useWhatIf(cluster, used, changes);
  return (
    <section class="panel" aria-label={`What if, ${cluster}`}>
      <header>
        <h2>What if</h2>
      </header>
      <ChangeForm cluster={cluster} onAdd={(change) => setChanges((before) => [...before, change])} />
      {changes.length > 0 && (
        <ol class="changes" aria-label="Changes">
          {changes.map((change, place) => (
            <li key={place}>
              {changeWords(change)}{" "}
              <button
                type="button"
                class="plain"
                aria-label={`Remove: ${changeWords(change)}`}
                onClick={() => setChanges(changes.filter((_, other) => other !== place))}
              >
                ×
              </button>
            </li>
          ))}
        </ol>
      )}
      {mayPlan() && changes.length > 0 && (
        <Save
          cluster={cluster}
          changes={changes}
          onSaved={() => {
            setChanges([]);
            saved.retry();
          }}
        />
      )}
      {error !== null && (
        <p class="notice form-problem" role="alert">
          {error}
        </p>
      )}
      {answer !== null && <WhatIfResult answer={answer} />}
      {mine.length > 0 && (
        <ScenarioList scenarios={mine} chosen={used} onChoose={setChosen} mayPlan={mayPlan()} onChanged={saved.retry} />
      )}
    </section>
  );
}

/** Operators, approvers and administrators plan; viewers ask. */
const mayPlan = (): boolean => me.value !== null && me.value.role !== "viewer";

interface Asked {
  readonly answer: WhatIfItem | null;
  readonly error: string | null;
}

/** Asks again with every change; what was answered stays until the new answer is there. */
function useWhatIf(cluster: string, scenarios: readonly string[], changes: readonly Change[]): Asked {
  const [asked, setAsked] = useState<Asked>({ answer: null, error: null });
  const body = JSON.stringify({ cluster, scenarios, changes });
  const isEmpty = scenarios.length === 0 && changes.length === 0;
  useEffect(() => {
    if (isEmpty) {
      setAsked({ answer: null, error: null });
      return undefined;
    }
    const abort = new AbortController();
    callApi<WhatIfItem>("/scenarios/answer", { method: "POST", body: JSON.parse(body), signal: abort.signal }).then(
      (answer) => setAsked({ answer, error: null }),
      (problem: unknown) => {
        if (!isAbort(problem)) setAsked((before) => ({ ...before, error: sentence(problem) }));
      },
    );
    return () => abort.abort();
  }, [body, isEmpty]);
  return asked;
}

interface SaveProps {
  readonly cluster: string;
  readonly changes: readonly Change[];
  readonly onSaved: () => void;
}

function Save({ cluster, changes, onSaved }: SaveProps) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (state: ScenarioItem["state"]): Promise<void> => {
    try {
      await callApi("/scenarios", { method: "POST", body: { cluster, name, changes, state } });
      onSaved();
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  return (
    <form
      class="change-form"
      aria-label="Save"
      onSubmit={(event) => {
        event.preventDefault();
        void save("draft");
      }}
    >
      <label>
        Name
        <input type="text" maxLength={100} value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit" class="plain" disabled={name.trim() === ""}>
        save
      </button>
      <button
        type="button"
        class="plain"
        disabled={name.trim() === ""}
        title="Its guests are subtracted from what remains until it is taken back"
        onClick={() => void save("committed")}
      >
        save and commit
      </button>
      {problem !== null && (
        <span class="form-problem" role="alert">
          {problem}
        </span>
      )}
    </form>
  );
}
