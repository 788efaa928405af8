// Patterns of InfluxQL (/^(a|b)$/) as a little program. Not JavaScript's own regular expressions: those can be written so
// that one try takes hours, and whoever may read may write a pattern. This program is walked through once per character.
import { InputError } from "../../lib/errors.ts";

export type Step =
  | { readonly type: "char"; readonly accepts: (char: string) => boolean }
  | { type: "split"; first: number; second: number }
  | { type: "jump"; to: number }
  | { readonly type: "begin" }
  | { readonly type: "end" }
  | { readonly type: "match" };

/** It is walked through for every character of every value; a list such as ^(a|b)$ does not come here (pattern.ts). */
const longestProgram = 5_000;
const deepestGroups = 20;
const mostRepeats = 100;

/** Throws an InputError for what is not understood. */
export function compilePattern(source: string): readonly Step[] {
  const compiler = new Compiler(source);
  return compiler.program();
}

class Compiler {
  readonly #chars: readonly string[];
  #at = 0;
  #depth = 0;
  #steps: Step[] = [];
  #ignoreCase = false;

  constructor(source: string) {
    this.#chars = Array.from(source);
  }

  program(): readonly Step[] {
    if (this.#takeText("(?i)")) this.#ignoreCase = true;
    this.#alternatives();
    if (this.#at < this.#chars.length) throw this.#refuse("a ) without its (");
    this.#add({ type: "match" });
    return this.#steps;
  }

  #alternatives(): void {
    const ends: { to: number }[] = [];
    for (;;) {
      const begin = this.#steps.length;
      this.#sequence();
      if (!this.#takeText("|")) break;
      this.#steps.splice(begin, 0, { type: "split", first: begin + 1, second: 0 });
      this.#shift(begin + 1, 1);
      const end = { type: "jump" as const, to: 0 };
      this.#add(end);
      ends.push(end);
      const split = this.#steps[begin];
      if (split?.type === "split") split.second = this.#steps.length;
    }
    for (const end of ends) end.to = this.#steps.length;
  }

  #sequence(): void {
    while (this.#at < this.#chars.length && this.#peek() !== "|" && this.#peek() !== ")") this.#repeated();
  }

  #repeated(): void {
    const begin = this.#steps.length;
    this.#atom();
    const repeats = this.#repeats();
    if (repeats === undefined) return;
    const atom = this.#steps.splice(begin);
    const [least, most] = repeats;
    for (let i = 0; i < least; i++) this.#paste(atom, begin);
    if (most === null) this.#loop(atom, begin);
    else for (let i = least; i < most; i++) this.#option(atom, begin);
    this.#takeText("?");
  }

  /** How often, least and most; null: without end. */
  #repeats(): readonly [number, number | null] | undefined {
    if (this.#takeText("*")) return [0, null];
    if (this.#takeText("+")) return [1, null];
    if (this.#takeText("?")) return [0, 1];
    const [all = "", least = "", comma, most = ""] = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#rest(12)) ?? [];
    if (all === "") return undefined;
    this.#at += all.length;
    const range = [Number(least), comma === "" ? Number(least) : most === "" ? null : Number(most)] as const;
    if (Math.max(range[0], range[1] ?? 0) > mostRepeats) throw this.#refuse(`more than ${mostRepeats} repeats`);
    return range;
  }

  #loop(atom: readonly Step[], origin: number): void {
    const begin = this.#steps.length;
    const split: Step = { type: "split", first: begin + 1, second: 0 };
    this.#add(split);
    this.#paste(atom, origin);
    this.#add({ type: "jump", to: begin });
    split.second = this.#steps.length;
  }

  #option(atom: readonly Step[], origin: number): void {
    const split: Step = { type: "split", first: this.#steps.length + 1, second: 0 };
    this.#add(split);
    this.#paste(atom, origin);
    split.second = this.#steps.length;
  }

  #paste(atom: readonly Step[], origin: number): void {
    const by = this.#steps.length - origin;
    for (const step of atom) this.#add(moved(step, by));
  }

  #shift(from: number, by: number): void {
    for (let i = from; i < this.#steps.length; i++) {
      const step = this.#steps[i];
      if (step !== undefined) this.#steps[i] = moved(step, by);
    }
  }

  #atom(): void {
    if (this.#takeText("(")) this.#group();
    else this.#add(this.#single(this.#next()));
  }

  #single(char: string): Step {
    if (char === "^") return { type: "begin" };
    if (char === "$") return { type: "end" };
    if (char === ".") return { type: "char", accepts: (one) => one !== "\n" };
    if (char === "[") return { type: "char", accepts: this.#set() };
    if (char === "\\") return { type: "char", accepts: this.#escaped() };
    if ("*+?{".includes(char)) throw this.#refuse(`${char} with nothing before it`);
    return { type: "char", accepts: this.#literal(char) };
  }

  #group(): void {
    if (++this.#depth > deepestGroups) throw this.#refuse("groups nested too deeply");
    if (this.#peek() === "?" && !this.#takeText("?:")) throw this.#refuse("(? other than (?:");
    this.#alternatives();
    if (!this.#takeText(")")) throw this.#refuse("a ( without its )");
    this.#depth--;
  }

  #escaped(): (char: string) => boolean {
    const char = this.#next();
    const named = classes[char];
    if (named !== undefined) return named;
    if (/[A-Za-z0-9]/.test(char)) throw this.#refuse(`\\${char}`);
    return this.#literal(char);
  }

  #set(): (char: string) => boolean {
    const negated = this.#takeText("^");
    const members: ((char: string) => boolean)[] = [];
    do members.push(this.#member());
    while (this.#peek() !== "]");
    this.#at++;
    return (char) => members.some((accepts) => accepts(char)) !== negated;
  }

  #member(): (char: string) => boolean {
    const from = this.#next();
    if (from === "\\") return this.#escaped();
    if (this.#peek() !== "-" || this.#peek(1) === "]") return this.#literal(from);
    this.#at++;
    const to = this.#next();
    if (to === "\\" || to < from) throw this.#refuse(`the range ${from}-${to}`);
    return (char) => cased(char, this.#ignoreCase).some((one) => one >= from && one <= to);
  }

  #literal(wanted: string): (char: string) => boolean {
    const ignoreCase = this.#ignoreCase;
    return ignoreCase ? (char) => char.toLowerCase() === wanted.toLowerCase() : (char) => char === wanted;
  }

  #add(step: Step): void {
    if (this.#steps.length >= longestProgram) throw this.#refuse("so much of it");
    this.#steps.push(step);
  }

  #peek = (ahead = 0): string => this.#chars[this.#at + ahead] ?? "";

  #rest = (length: number): string => this.#chars.slice(this.#at, this.#at + length).join("");

  #next(): string {
    const char = this.#chars[this.#at++];
    if (char === undefined) throw this.#refuse("an end in the middle of something");
    return char;
  }

  #takeText(text: string): boolean {
    const stands = this.#rest(text.length) === text;
    if (stands) this.#at += text.length;
    return stands;
  }

  #refuse(what: string): InputError {
    return new InputError(
      `A pattern has letters, . [a-z] \\d \\w \\s ( ) | * + ? {n,m} ^ $ here; this one has ${what}: /${this.#chars.slice(0, 60).join("")}/.`,
    );
  }
}

const classes: Readonly<Record<string, (char: string) => boolean>> = {
  d: (char) => /\d/.test(char),
  D: (char) => /\D/.test(char),
  w: (char) => /\w/.test(char),
  W: (char) => /\W/.test(char),
  s: (char) => /\s/.test(char),
  S: (char) => /\S/.test(char),
};

const cased = (char: string, both: boolean): readonly string[] =>
  both ? [char, char.toLowerCase(), char.toUpperCase()] : [char];

function moved(step: Step, by: number): Step {
  if (step.type === "jump") return { type: "jump", to: step.to + by };
  if (step.type === "split") return { type: "split", first: step.first + by, second: step.second + by };
  return step;
}
