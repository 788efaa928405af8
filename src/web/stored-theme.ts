// The theme as this browser remembers it. Apart from theme.ts so that the script before the first paint stays tiny.

export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const key = "pilothouse.theme";

export function storedTheme(): Theme {
  try {
    return themes.find((name) => name === localStorage.getItem(key)) ?? "auto";
  } catch {
    // Storage may be forbidden; the system's choice is then the answer.
    return "auto";
  }
}

export function storeTheme(theme: Theme): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Shown all the same, only not remembered.
  }
}

/** auto leaves the choice to the style sheet's media query. */
export function showTheme(theme: Theme): void {
  if (theme === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", theme);
}
