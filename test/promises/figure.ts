// Lets the test of a promise say what it measured. `npm run promises` gathers it; without it nothing is written.
import { appendFileSync } from "node:fs";
import { env } from "node:process";

/** `figure`: what was measured, with units, for instance "20 kills, 0 of 540 polls lost". */
export function measured(id: string, figure: string): void {
  const file = env["PILOTHOUSE_FIGURES"];
  if (file !== undefined && file !== "") appendFileSync(file, `${JSON.stringify({ id, figure })}\n`);
}

/** Longer runs where they were asked for: `npm run promises -- --tier all`. */
export const isLongRun = env["PILOTHOUSE_TIER"] === "all";

/** "1.23 s" */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
