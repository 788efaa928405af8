// The mark before a name. Shape and colour say the same, so that neither is needed alone.
import type { EntityState, State } from "../fleet/entity-state.ts";

const shapes: Readonly<Record<State, () => preact.JSX.Element>> = {
  fine: () => <circle cx="6" cy="6" r="4" />,
  warning: () => <path d="M6 1.5 11 10.5H1Z" />,
  failed: () => <rect x="2" y="2" width="8" height="8" rx="1" />,
  stopped: () => <circle cx="6" cy="6" r="3.5" class="hollow" />,
  unknown: () => <circle cx="6" cy="6" r="4" class="hollow dashed" />,
};

export function StateMark({ state, words }: EntityState) {
  return (
    <svg class={`mark ${state}`} viewBox="0 0 12 12" width="10" height="10" role="img" aria-label={words}>
      <title>{words}</title>
      {shapes[state]()}
    </svg>
  );
}
