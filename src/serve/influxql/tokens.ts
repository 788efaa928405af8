// InfluxQL text as words. What is between quotes or slashes is a value and never looked into again, so nothing that
// somebody puts into a name can become part of the language.
import { InputError } from "../../lib/errors.ts";

export type TokenKind = "word" | "quoted" | "string" | "number" | "duration" | "regex" | "sign" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** Words keep their letters' case; quoted names, strings and patterns are without quotes and escapes. */
  readonly text: string;
  /** Where it begins, from 0, for messages. */
  readonly at: number;
}

/** Longer queries than any panel has are refused before they are read. */
const longestQuery = 20_000;

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["duration", /\d+(?:ns|us|u|µ|ms|[smhdw])(?![A-Za-z0-9_])/y],
  ["number", /\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![A-Za-z0-9_])/y],
  ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["quoted", /"(?:[^"\\\n]|\\.)*"/y],
  ["string", /'(?:[^'\\\n]|\\.)*'/y],
  ["sign", /=~|!~|!=|<>|<=|>=|[=<>(),;.*/+-]/y],
];
const pattern = /\/(?:[^/\\\n]|\\.)+\//y;

/** Throws an InputError at the first character that begins nothing. */
export function tokensOf(query: string): readonly Token[] {
  if (query.length > longestQuery) throw new InputError(`A query has at most ${longestQuery} characters.`);
  const tokens: Token[] = [];
  let at = skipSpace(query, 0);
  while (at < query.length) {
    const token = tokenAt(query, at, tokens.at(-1));
    tokens.push(token.token);
    at = skipSpace(query, token.end);
  }
  tokens.push({ kind: "end", text: "", at });
  return tokens;
}

function tokenAt(
  query: string,
  at: number,
  before: Token | undefined,
): { readonly token: Token; readonly end: number } {
  // A slash is a division, unless a pattern can stand here: after =~ and !~ only.
  const wantsPattern = before?.text === "=~" || before?.text === "!~";
  for (const [kind, form] of wantsPattern ? [["regex", pattern] as const] : patterns) {
    form.lastIndex = at;
    const [found] = form.exec(query) ?? [];
    if (found !== undefined) return { token: { kind, text: bare(kind, found), at }, end: at + found.length };
  }
  throw new InputError(
    `Nothing begins with ${JSON.stringify(query.slice(at, at + 12))} at position ${at + 1} of the query.`,
  );
}

function bare(kind: TokenKind, found: string): string {
  if (kind === "regex") return found.slice(1, -1).replaceAll("\\/", "/");
  if (kind !== "quoted" && kind !== "string") return found;
  return found.slice(1, -1).replace(/\\(.)/g, "$1");
}

function skipSpace(query: string, from: number): number {
  let at = from;
  while (at < query.length && /\s/.test(query[at] ?? "")) at++;
  return at;
}
