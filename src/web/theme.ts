// Light, dark or as the system has it; kept in this browser only.
import { signal } from "@preact/signals";
import { showTheme, storedTheme, storeTheme, type Theme, themes } from "./stored-theme.ts";

export const theme = signal<Theme>(storedTheme());

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? "auto";
  showTheme(theme.value);
  storeTheme(theme.value);
}
