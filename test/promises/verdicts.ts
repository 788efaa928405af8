// From what the tests said to one verdict per promise. Pure, so that it can be tested: a promise that nothing proved is
// never shown as kept.
import type { PromiseEntry, Proof } from "./index.ts";

export type Tier = PromiseEntry["tier"];

/** Null: not run; `figure` then says why. */
export interface Verdict {
  readonly id: string;
  readonly text: string;
  readonly pass: boolean | null;
  readonly figure: string;
}

export interface TestOutcome {
  /** From the root of the project. */
  readonly file: string;
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
}

export interface Figure {
  readonly id: string;
  readonly figure: string;
}

const isAsked = (entry: PromiseEntry, tier: Tier): boolean => tier === "all" || entry.tier === "ci";

/** The files that have to run for a tier, each once. */
export function filesOf(promises: readonly PromiseEntry[], tier: Tier): string[] {
  const asked = promises.filter((entry) => isAsked(entry, tier) && entry.notYet === undefined);
  return [...new Set(asked.flatMap((entry) => entry.proofs.map(({ file }) => file)))].sort();
}

export function verdicts(
  promises: readonly PromiseEntry[],
  tier: Tier,
  outcomes: readonly TestOutcome[],
  figures: readonly Figure[],
): Verdict[] {
  return promises.map((entry): Verdict => {
    const { id, text } = entry;
    if (entry.notYet !== undefined) return { id, text, pass: null, figure: `not run: ${entry.notYet}` };
    if (!isAsked(entry, tier)) return { id, text, pass: null, figure: "not run: it takes long; ask with --tier all" };
    const measured = figures.filter((figure) => figure.id === id).map(({ figure }) => figure);
    return { id, text, ...judge(entry.proofs, outcomes, measured.join("; ")) };
  });
}

function judge(
  proofs: readonly Proof[],
  outcomes: readonly TestOutcome[],
  measured: string,
): Pick<Verdict, "pass" | "figure"> {
  const found = proofs.map((proof) => outcomes.filter((outcome) => belongsTo(outcome, proof)));
  const broken = found.flat().find(({ status }) => status === "failed");
  if (broken !== undefined) return { pass: false, figure: `failed: ${broken.name}` };
  const empty = proofs.find((_, index) => found[index]?.length === 0);
  // A renamed test must not turn a promise into one that nobody looks at.
  if (empty !== undefined) return { pass: false, figure: `no such test: ${empty.file} ${empty.test ?? ""}`.trim() };
  const skipped = found.flat().find(({ status }) => status === "skipped");
  if (skipped !== undefined) return { pass: null, figure: `not run: skipped here: ${skipped.name}` };
  return { pass: true, figure: measured };
}

const belongsTo = (outcome: TestOutcome, { file, test }: Proof): boolean =>
  outcome.file === file && (test === undefined || outcome.name.includes(test));

/** Exit code of a run: broken words, not missing ones, fail it. */
export const isKept = (list: readonly Verdict[]): boolean => list.every(({ pass }) => pass !== false);
