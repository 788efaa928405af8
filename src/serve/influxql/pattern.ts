// Whether a tag's value matches a pattern, in time that grows with its length only, whatever the pattern says.
import { compilePattern, type Step } from "./pattern-syntax.ts";

/** A test for values; matches anywhere unless ^ and $ say otherwise. Throws an InputError for what is not understood. */
export function patternTest(source: string): (value: string) => boolean {
  const list = listOf(source);
  if (list !== undefined) return (value) => list.has(value);
  const program = compilePattern(source);
  return (value) => matches(program, value);
}

/** A variable of Grafana with several values, ^(a|b)$: a set is quicker than trying each. */
function listOf(source: string): ReadonlySet<string> | undefined {
  const inner = /^\^(?:\(([^()]*)\)|([^()|]*))\$$/s.exec(source);
  const text = inner?.[1] ?? inner?.[2];
  if (text === undefined || !/^(?:[\p{L}\p{N}_@:, -]|\\[^\p{L}\p{N}]|\|)*$/u.test(text)) return undefined;
  return new Set(text.split("|").map((value) => value.replace(/\\(.)/gu, "$1")));
}

function matches(program: readonly Step[], value: string): boolean {
  const chars = Array.from(value);
  let threads = new Threads(program, chars.length);
  for (let at = 0; at <= chars.length; at++) {
    threads.start(at);
    if (threads.matched) return true;
    const next = new Threads(program, chars.length);
    const char = chars[at];
    if (char !== undefined)
      for (const step of threads.waiting) if (accepts(program[step], char)) next.add(step + 1, at + 1);
    threads = next;
  }
  return false;
}

const accepts = (step: Step | undefined, char: string): boolean => step?.type === "char" && step.accepts(char);

/** The places of the program that are reached before one character, each once. */
class Threads {
  readonly waiting: number[] = [];
  matched = false;
  readonly #program: readonly Step[];
  readonly #length: number;
  readonly #seen: Uint8Array;

  constructor(program: readonly Step[], length: number) {
    this.#program = program;
    this.#length = length;
    this.#seen = new Uint8Array(program.length);
  }

  start(at: number): void {
    this.add(0, at);
  }

  add(first: number, at: number): void {
    const open = [first];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.#seen[index] === 1) continue;
      this.#seen[index] = 1;
      open.push(...this.#enter(index, at));
    }
  }

  /** What is reached from here without a character. */
  #enter(index: number, at: number): readonly number[] {
    const step = this.#program[index];
    switch (step?.type) {
      case "jump":
        return [step.to];
      case "split":
        return [step.second, step.first];
      case "begin":
        return at === 0 ? [index + 1] : [];
      case "end":
        return at === this.#length ? [index + 1] : [];
      case "char":
        this.waiting.push(index);
        return [];
      case "match":
        this.matched = true;
        return [];
      case undefined:
        return [];
    }
  }
}
