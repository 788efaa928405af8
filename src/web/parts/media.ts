// What the screen is like, as signals.
import { type ReadonlySignal, signal } from "@preact/signals";

function media(text: string): ReadonlySignal<boolean> {
  const list = matchMedia(text);
  const state = signal(list.matches);
  list.addEventListener("change", () => {
    state.value = list.matches;
  });
  return state;
}

export const isPhone = media("(max-width: 640px)");
export const prefersDark = media("(prefers-color-scheme: dark)");
