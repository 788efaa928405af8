// `npm start` and ./pilothouse: prepares the clone, then is the program itself, with the same arguments and signals.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepare, root } from "./prepare.mjs";

await prepare();
const main = join(root, "dist/main.js");
process.argv[1] = main;
await import(pathToFileURL(main).href);
