// What grows most, with its share of all growth, and how this week compares with the one before.
import { type CompareWindow, type GrowthChoice, growthChoices, windowNames } from "../graph/growth-choices.ts";
import { query, setQuery } from "../location.ts";
import { GrowthLeaders } from "../parts/growth-leaders.tsx";
import { PeriodComparison } from "../parts/period-comparison.tsx";

export function GrowthPage() {
  const choice: GrowthChoice = growthChoices.find(({ key }) => key === query.value.get("of")) ?? growthChoices[0];
  const window: CompareWindow = windowNames.find((name) => name === query.value.get("window")) ?? "week";
  return (
    <>
      <div class="graph-tools">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and no meaning that the group lacks. */}
        <div class="ranges" role="group" aria-label="Of what">
          {growthChoices.map(({ key, title }) => (
            <button key={key} type="button" aria-pressed={choice.key === key} onClick={() => setQuery({ of: key })}>
              {title}
            </button>
          ))}
        </div>
      </div>
      <GrowthLeaders choice={choice} />
      <PeriodComparison choice={choice} window={window} />
    </>
  );
}
