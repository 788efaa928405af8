// `npm run docs`: writes docs/reference. Runs under tsx, because it imports the sources.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { referencePages } from "../src/cli/reference.ts";

const folder = fileURLToPath(new URL("../docs/reference/", import.meta.url));
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(referencePages())) {
  writeFileSync(folder + name, text);
  console.log(`docs/reference/${name}`);
}
