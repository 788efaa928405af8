// Runs a benchmark: npm run bench -- NAME [--json]
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./prepare.mjs";

const child = spawn(process.execPath, ["--import", "tsx", join(root, "bench/index.ts"), ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
child.once("exit", (code) => process.exit(code ?? 1));
