// `npm run check`: formatting, types, lint, import rules and dead code. All are run and reported, also when one fails.
import { spawn } from "node:child_process";
import { bin, prepare, root } from "./prepare.mjs";

await prepare({ build: false });

const checks = [
  {
    name: "eslint",
    // No cache: what a file's lint says depends on the types of others, and the cache looks at the file alone.
    command: ["eslint", "."],
    fix: "npx eslint --fix .",
  },
  { name: "types", command: ["tsc", "-p", "tsconfig.check.json"], fix: "correct the lines above" },
  { name: "types of the page", command: ["tsc", "-p", "src/web/tsconfig.json"], fix: "correct the lines above" },
  { name: "biome", command: ["biome", "ci", "--colors=off", "."], fix: "npx biome check --write ." },
  { name: "import rules", command: ["depcruise", "src"], fix: "see .dependency-cruiser.cjs: who may import whom" },
  {
    name: "dashboards",
    command: ["tsx", "scripts/dashboards.mjs", "--check"],
    fix: "npm run dashboards, or do not edit dashboards/*.json by hand",
  },
  { name: "dead code", command: ["knip"], fix: "remove what nobody uses" },
];
const atOnce = 2;
// Captured output is no terminal, whatever the caller forces.
const plain = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };

const waiting = [...checks];
const failed = [];
await Promise.all(Array.from({ length: atOnce }, work));
if (failed.length > 0) console.log(`\n${failed.length} of ${checks.length} checks failed: ${failed.join(", ")}`);
else console.log(`\nall ${checks.length} checks passed`);
process.exitCode = failed.length > 0 ? 1 : 0;

async function work() {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
    const startedAt = performance.now();
    const { code, output } = await capture(check.command);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (code === 0) {
      console.log(`✓ ${check.name} (${seconds} s)`);
      continue;
    }
    failed.push(check.name);
    console.log(`✗ ${check.name} (${seconds} s)\n${output.trimEnd()}\n  → ${check.fix}`);
  }
}

function capture([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(bin(program), args, { cwd: root, env: plain, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.once("error", (error) => resolve({ code: 1, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}
