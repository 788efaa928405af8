// `npm run dashboards`: writes dashboards/*.json and the alert rules. With --check it only says which of them differ, and
// fails when one does. Runs under tsx, because it imports the sources.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { grafanaFiles } from "../grafana/build/files.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const files = grafanaFiles();
mkdirSync(`${root}dashboards`, { recursive: true });
const stale = readdirSync(`${root}dashboards`)
  .map((name) => `dashboards/${name}`)
  .filter((path) => !(path in files));
const changed = Object.entries(files).filter(([path, text]) => !holds(root + path, text));

if (process.argv.includes("--check")) {
  for (const path of [...stale, ...changed.map(([name]) => name)]) console.log(`${path} is not what grafana/ says`);
  process.exitCode = stale.length + changed.length > 0 ? 1 : 0;
} else {
  for (const path of stale) rmSync(root + path);
  for (const [path, text] of changed) writeFileSync(root + path, text);
  for (const path of Object.keys(files)) console.log(path);
}

function holds(path, text) {
  return existsSync(path) && readFileSync(path, "utf8") === text;
}
