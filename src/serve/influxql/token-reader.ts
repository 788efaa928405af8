// Goes through the words of a query and says, when one does not fit, what would have.
import { InputError } from "../../lib/errors.ts";
import { type Token, type TokenKind, tokensOf } from "./tokens.ts";

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  u: 1e-3,
  µ: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(query: string) {
    this.#tokens = tokensOf(query);
  }

  peek(ahead = 0): Token {
    const token = this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1);
    if (token === undefined) throw new TypeError("a query has an end at least");
    return token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.#at++;
    return token;
  }

  /** Takes these words, in any case, if they all stand here. */
  takeWords(...words: readonly string[]): boolean {
    const stand = words.every((word, index) => isWord(this.peek(index), word));
    if (stand) this.#at += words.length;
    return stand;
  }

  takeSign(sign: string): boolean {
    const stands = this.peek().kind === "sign" && this.peek().text === sign;
    if (stands) this.#at++;
    return stands;
  }

  expectWords(...words: readonly string[]): void {
    if (!this.takeWords(...words)) throw this.unexpected(words.join(" ").toUpperCase());
  }

  expectSign(sign: string): void {
    if (!this.takeSign(sign)) throw this.unexpected(`"${sign}"`);
  }

  expect(kind: TokenKind, what: string): string {
    if (this.peek().kind !== kind) throw this.unexpected(what);
    return this.next().text;
  }

  /** A measurement, field, tag or alias, with or without double quotes. */
  name(what: string): string {
    const { kind } = this.peek();
    if (kind !== "word" && kind !== "quoted") throw this.unexpected(what);
    return this.next().text;
  }

  durationMs(): number {
    const text = this.expect("duration", "a duration such as 5m");
    const [, count = "", unit = ""] = /^(\d+)(.+)$/.exec(text) ?? [];
    return Number(count) * (unitMs[unit] ?? Number.NaN);
  }

  wholeNumber(what: string): number {
    const value = Number(this.expect("number", what));
    if (!Number.isSafeInteger(value)) throw new InputError(`${what} is a whole number.`);
    return value;
  }

  unexpected(expected: string): InputError {
    const { kind, text, at } = this.peek();
    const found = kind === "end" ? "the end" : JSON.stringify(text.slice(0, 40));
    return new InputError(`Expected ${expected} at position ${at + 1} of the query, found ${found}.`);
  }
}

const isWord = ({ kind, text }: Token, word: string): boolean =>
  kind === "word" && text.toLowerCase() === word.toLowerCase();
