// `npm run promises [-- --tier ci|all] [--json]`: injects every fault that Pilothouse makes a promise about, and prints
// which promises were kept, with what was measured. Runs under tsx, because it imports their list.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { promises } from "../test/promises/index.ts";
import { filesOf, isKept, verdicts } from "../test/promises/verdicts.ts";
import { bin, root, run } from "./prepare.mjs";

const { tier, json } = options();
const folder = mkdtempSync(join(tmpdir(), "pilothouse-promises-"));
const files = { report: join(folder, "report.json"), figures: join(folder, "figures.jsonl") };
const begun = performance.now();
const exitCode = await runTests();
const list = verdicts(promises, tier, outcomes(), figures());
rmSync(folder, { recursive: true, force: true });
console.log(table(list));
const ran = list.filter(({ pass }) => pass !== null);
const failed = ran.filter(({ pass }) => pass === false);
console.log(
  `\n${ran.length - failed.length} kept, ${failed.length} broken, ${list.length - ran.length} not run, in ${((performance.now() - begun) / 1000).toFixed(0)} s`,
);
// A run that ended badly without a failed test (a crash, an unhandled error) kept nobody's word.
const crashed = exitCode !== 0 && failed.length === 0;
if (crashed) console.log("the test run itself ended badly; see above");
if (json) console.log(JSON.stringify({ promises: list }));
process.exitCode = isKept(list) && !crashed ? 0 : 1;

function options() {
  try {
    const { values } = parseArgs({
      options: { tier: { type: "string", default: "ci" }, json: { type: "boolean", default: false } },
    });
    if (values.tier === "ci" || values.tier === "all") return values;
  } catch {
    // Said below.
  }
  console.error("usage: npm run promises [-- --tier ci|all] [--json]");
  process.exit(2);
}

function runTests() {
  const asked = filesOf(promises, tier);
  if (asked.length === 0) return 0;
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${files.report}`];
  const env = { ...process.env, NO_COLOR: "1", PILOTHOUSE_FIGURES: files.figures, PILOTHOUSE_TIER: tier };
  delete env.FORCE_COLOR;
  return run(bin("vitest"), ["run", ...reporters, ...asked], { env }).catch(() => 1);
}

function outcomes() {
  const report = parsed(readOr(files.report, "{}"));
  return (report.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    // A file that could not even be loaded has no tests.
    if (status === "failed" && assertionResults.length === 0) return [{ file, name: message ?? file, status }];
    return assertionResults.map((test) => ({
      file,
      name: test.fullName.trim(),
      status: test.status === "passed" || test.status === "failed" ? test.status : "skipped",
    }));
  });
}

function figures() {
  return readOr(files.figures, "")
    .split("\n")
    .filter((line) => line !== "")
    .map(parsed);
}

function table(rows) {
  const words = rows.map(({ id, text, pass, figure }) => ({
    id,
    verdict: pass === null ? "not run" : pass ? "kept" : "BROKEN",
    figure,
    text,
  }));
  const widths = { id: widest(words, "id"), verdict: widest(words, "verdict"), figure: widest(words, "figure") };
  return words
    .map(({ id, verdict, figure, text }) =>
      [id.padEnd(widths.id), verdict.padEnd(widths.verdict), figure.padEnd(Math.min(widths.figure, 70)), text].join(
        "  ",
      ),
    )
    .join("\n");
}

function widest(rows, column) {
  return Math.max(...rows.map((row) => row[column].length), 0);
}

function parsed(text) {
  return JSON.parse(text);
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return otherwise;
  }
}
