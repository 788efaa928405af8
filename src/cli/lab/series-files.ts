// Which files a lab command reads and where each result goes: one file, or a folder with everything below it.
import { readdirSync, type Stats, statSync } from "node:fs";
import { basename, join, sep } from "node:path";
import { UsageError } from "../../lib/errors.ts";

export interface FilePair {
  readonly input: string;
  readonly output: string;
}

/** By name, so that the order is the same everywhere. `input` and `output` are absolute. Throws a UsageError. */
export function filePairs(input: string, output: string): readonly FilePair[] {
  const found = statOf(input);
  if (found === undefined) throw new UsageError(`--input: there is no file or folder ${input}.`);
  if (!found.isDirectory()) return [differing({ input, output: fileFor(input, output) })];
  if (isInside(output, input)) {
    throw new UsageError("--output must lie outside --input, or the next run would take the results for data.");
  }
  if (statOf(output)?.isFile() === true) throw new UsageError("--output must be a folder when --input is one.");
  const names = readdirSync(input, { recursive: true, encoding: "utf8" })
    .filter((name) => name.toLowerCase().endsWith(".csv") && statOf(join(input, name))?.isFile() === true)
    .sort();
  if (names.length === 0) throw new UsageError(`--input: no .csv file is in ${input} or below it.`);
  return names.map((name) => ({ input: join(input, name), output: join(output, name) }));
}

/** A file goes into a folder under its own name. */
function fileFor(input: string, output: string): string {
  return statOf(output)?.isDirectory() === true ? join(output, basename(input)) : output;
}

function differing(pair: FilePair): FilePair {
  if (pair.input === pair.output) throw new UsageError("--output must be another file than --input.");
  return pair;
}

const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}${sep}`);

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });
