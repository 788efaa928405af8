// The version of this program, from the package that it was installed with.
import { readFileSync } from "node:fs";

export function productVersion(): string {
  // From src/cli and from dist/cli alike, the package is two folders up.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
