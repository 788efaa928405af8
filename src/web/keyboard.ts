// The keys that work everywhere; a page hands in what `j`, `k` and Enter mean for its rows.
import { signal } from "@preact/signals";
import { setFilter, tableView } from "./fleet/home-view.ts";
import { toggleForecasts } from "./graph/forecast-choice.ts";
import { back, go, homeLink, linkTo, path } from "./location.ts";

export const helpOpen = signal(false);

export interface RowKeys {
  move(steps: number): void;
  open(): void;
}

let rowKeys: RowKeys | null = null;

/** Makes `j`, `k` and Enter act on these rows; returns the way to stop. */
export function takeRowKeys(keys: RowKeys): () => void {
  rowKeys = keys;
  return () => {
    if (rowKeys === keys) rowKeys = null;
  };
}

export const filterBoxId = "filter";
const chordMs = 1500;
let chordUntil = 0;

export const keyTable: readonly (readonly [keys: string, what: string])[] = [
  ["/", "find: words, or tag: node: status: type: pool:"],
  ["j  k", "next, previous row (also ↓ ↑)"],
  ["→  ←", "open, close a group"],
  ["Enter", "open the row's page"],
  ["Esc", "close, clear the filter, go back"],
  ["f", "forecast on graphs, on and off"],
  ["g h", "home"],
  ["g t", "tasks"],
  ["?", "this help"],
];

export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape") escapeFromField(event.target as HTMLElement);
      return;
    }
    if (act(event)) event.preventDefault();
  });
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");

function escapeFromField(field: HTMLElement): void {
  if (field.id === filterBoxId && field instanceof HTMLInputElement && field.value !== "" && path.value === "/")
    setFilter("");
  else field.blur();
}

/** True when the key meant something. */
function act(event: KeyboardEvent): boolean {
  const chord = Date.now() < chordUntil;
  chordUntil = 0;
  if (chord) return actChord(event.key);
  switch (event.key) {
    case "/":
      document.getElementById(filterBoxId)?.focus();
      return true;
    case "?":
      helpOpen.value = true;
      return true;
    case "g":
      chordUntil = Date.now() + chordMs;
      return true;
    case "f":
      if (path.value === "/") return false;
      toggleForecasts();
      return true;
    case "Escape":
      return leave();
    default:
      return actOnRows(event);
  }
}

function actChord(key: string): boolean {
  if (key === "h") go(homeLink());
  else if (key === "t") go(linkTo("/tasks"));
  else return false;
  return true;
}

function leave(): boolean {
  if (helpOpen.value) helpOpen.value = false;
  else if (path.value === "/" && tableView.value.filter !== "") setFilter("");
  else if (path.value !== "/") back();
  else return false;
  return true;
}

function actOnRows(event: KeyboardEvent): boolean {
  if (rowKeys === null || helpOpen.value) return false;
  if (event.key === "j") rowKeys.move(1);
  else if (event.key === "k") rowKeys.move(-1);
  else if (event.key === "Enter" && !isControl(event.target)) rowKeys.open();
  else return false;
  return true;
}

/** Enter on a link or button is theirs. */
const isControl = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("a, button, summary, input, select") !== null;
