// `npm run dashboards`: writes dashboards/*.json. With --check it only says which of them differ, and fails when one does.
// Runs under tsx, because it imports the sources.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dashboardFiles } from "../grafana/build/files.ts";

const folder = fileURLToPath(new URL("../dashboards/", import.meta.url));
const files = dashboardFiles();
mkdirSync(folder, { recursive: true });
const stale = readdirSync(folder).filter((name) => !(name in files));
const changed = Object.entries(files).filter(([name, text]) => !holds(folder + name, text));
const differing = [...stale, ...changed.map(([name]) => name)];

if (process.argv.includes("--check")) {
  for (const name of differing) console.log(`dashboards/${name} is not what grafana/dashboards says`);
  process.exitCode = differing.length > 0 ? 1 : 0;
} else {
  for (const name of stale) rmSync(folder + name);
  for (const [name, text] of changed) writeFileSync(folder + name, text);
  for (const name of Object.keys(files)) console.log(`dashboards/${name}`);
}

function holds(path, text) {
  return existsSync(path) && readFileSync(path, "utf8") === text;
}
