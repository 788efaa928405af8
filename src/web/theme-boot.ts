// Runs before the first paint, in a file of its own, so that a stored theme does not flash.
import { showTheme, storedTheme } from "./stored-theme.ts";

showTheme(storedTheme());
