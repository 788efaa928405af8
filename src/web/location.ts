// The address bar as signals. The whole view state lives here, so that a copied link shows the same thing elsewhere.
import { computed, signal } from "@preact/signals";
import { underBase, withoutBase } from "./base-path.ts";
import { parseRoute } from "./route.ts";

const address = signal(readAddress());
let homeSearch = "";
let stepsInside = 0;
let writeTimer: ReturnType<typeof setTimeout> | undefined;

export const path = computed(() => address.value.path);
export const query = computed(() => new URLSearchParams(address.value.search));
export const route = computed(() => parseRoute(path.value));
/** For a screen on a wall: only the data, no controls. */
export const kiosk = computed(() => query.value.get("kiosk") === "1");

function readAddress(): { readonly path: string; readonly search: string } {
  return { path: withoutBase(location.pathname), search: location.search };
}

addEventListener("popstate", () => {
  clearTimeout(writeTimer);
  address.value = readAddress();
});

/** Changes parameters in place; null removes one. The page follows at once, the address bar when the typing rests. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  address.value = { path: address.value.path, search: changedSearch(changes) };
  clearTimeout(writeTimer);
  // Browsers refuse more than about 100 changes in 30 s.
  writeTimer = setTimeout(writeAddress, 150);
}

/** Changes parameters as a step that the browser's Back undoes. */
export function pushQuery(changes: Readonly<Record<string, string | null>>): void {
  go(address.value.path + changedSearch(changes));
}

function changedSearch(changes: Readonly<Record<string, string | null>>): string {
  const next = new URLSearchParams(address.value.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return printSearch(next);
}

/** Commas, colons and slashes stay readable. */
function printSearch(parameters: URLSearchParams): string {
  const text = parameters
    .toString()
    .replace(/%2C/g, ",")
    .replace(/%3A/g, ":")
    .replace(/%2F/g, "/")
    .replace(/%7E/g, "~");
  return text === "" ? "" : `?${text}`;
}

function writeAddress(): void {
  clearTimeout(writeTimer);
  const { path, search } = address.value;
  history.replaceState(null, "", underBase(path) + search + location.hash);
}

/** Opens a page of ours: a path with or without a query. */
export function go(target: string): void {
  writeAddress();
  if (address.value.path === "/") homeSearch = address.value.search;
  const [nextPath = "/", search = ""] = target.split("?");
  history.pushState(null, "", underBase(nextPath) + (search === "" ? "" : `?${search}`));
  stepsInside += 1;
  const moved = nextPath !== address.value.path;
  address.value = { path: nextPath, search: search === "" ? "" : `?${search}` };
  if (moved) scrollTo(0, 0);
}

/** A path with what follows the reader from page to page. */
export const linkTo = (target: string): string => (kiosk.value ? `${target}?kiosk=1` : target);

/** The home page as it was left. */
export const homeLink = (): string => {
  const search = path.value === "/" ? "" : homeSearch;
  return search === "" ? linkTo("/") : `/${search}`;
};

/** One step back; from a link that was opened directly, home. */
export function back(): void {
  if (stepsInside > 0) {
    stepsInside -= 1;
    history.back();
  } else if (path.value !== "/") go(homeLink());
}

/** Lets the browser keep what a person asked of it: new tab, new window, download. */
export const isPlainClick = (event: MouseEvent): boolean =>
  event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
