// The WHERE of a query: time bounds and tags, joined by AND. OR is understood between values of one tag, as Grafana writes
// a variable with several values.
import { InputError } from "../../lib/errors.ts";
import type { TagCondition, TimeRange } from "./query.ts";
import type { TokenReader } from "./token-reader.ts";

export interface Conditions {
  readonly tags: readonly TagCondition[];
  readonly time: TimeRange;
}

/** Patterns are tried against every tag value that there is; a short one cannot do harm. */
const longestPattern = 4_000;

export function readConditions(reader: TokenReader, nowMs: number): Conditions {
  const found: Found = { tags: [], fromMs: null, toMs: null };
  if (!reader.takeWords("where")) return { tags: [], time: { fromMs: null, toMs: null } };
  do readCondition(reader, nowMs, found);
  while (reader.takeWords("and"));
  return { tags: found.tags, time: { fromMs: found.fromMs, toMs: found.toMs } };
}

interface Found {
  readonly tags: TagCondition[];
  fromMs: number | null;
  toMs: number | null;
}

function readCondition(reader: TokenReader, nowMs: number, found: Found): void {
  if (reader.takeSign("(")) {
    readGroup(reader, nowMs, found);
    reader.expectSign(")");
    return;
  }
  const name = reader.name("a tag or time");
  if (name.toLowerCase() === "time") readTimeBound(reader, nowMs, found);
  else found.tags.push(readTag(reader, name));
}

/** In brackets: conditions joined by AND, or values of one tag joined by OR. */
function readGroup(reader: TokenReader, nowMs: number, found: Found): void {
  const before = found.tags.length;
  readCondition(reader, nowMs, found);
  while (reader.takeWords("and")) readCondition(reader, nowMs, found);
  while (reader.takeWords("or")) {
    readCondition(reader, nowMs, found);
    joinAlternatives(found.tags, before);
  }
}

function joinAlternatives(tags: TagCondition[], from: number): void {
  const [first, second, more] = tags.slice(from);
  const joined =
    first === undefined || second === undefined || more !== undefined ? undefined : eitherOf(first, second);
  if (joined === undefined) throw new InputError("OR is understood between values of one tag only.");
  tags.splice(from, 2, joined);
}

function eitherOf(a: TagCondition, b: TagCondition): TagCondition | undefined {
  if (a.tag !== b.tag || a.negated || b.negated || !("values" in a.matches) || !("values" in b.matches))
    return undefined;
  return { tag: a.tag, negated: false, matches: { values: [...a.matches.values, ...b.matches.values] } };
}

function readTag(reader: TokenReader, tag: string): TagCondition {
  if (reader.takeSign("=")) return { tag, negated: false, matches: { values: [reader.expect("string", "a 'value'")] } };
  if (reader.takeSign("!=") || reader.takeSign("<>")) {
    return { tag, negated: true, matches: { values: [reader.expect("string", "a 'value'")] } };
  }
  if (reader.takeSign("=~")) return { tag, negated: false, matches: { pattern: readPattern(reader) } };
  if (reader.takeSign("!~")) return { tag, negated: true, matches: { pattern: readPattern(reader) } };
  throw reader.unexpected("=, !=, =~ or !~ after a tag");
}

/** Throws an InputError. */
export function readPattern(reader: TokenReader): string {
  const pattern = reader.expect("regex", "a pattern such as /^(a|b)$/");
  if (pattern.length > longestPattern) throw new InputError(`A pattern has at most ${longestPattern} characters.`);
  return pattern;
}

function readTimeBound(reader: TokenReader, nowMs: number, found: Found): void {
  const operator = reader.expect("sign", "a comparison after time");
  const at = readMoment(reader, nowMs);
  const later = (a: number | null, b: number): number => (a === null ? b : Math.max(a, b));
  const earlier = (a: number | null, b: number): number => (a === null ? b : Math.min(a, b));
  // Bounds are whole milliseconds: "after t" is "from t + 1 on", "up to t" is "before t + 1".
  if (operator === ">=") found.fromMs = later(found.fromMs, Math.ceil(at));
  else if (operator === ">") found.fromMs = later(found.fromMs, Math.floor(at) + 1);
  else if (operator === "<") found.toMs = earlier(found.toMs, Math.ceil(at));
  else if (operator === "<=") found.toMs = earlier(found.toMs, Math.floor(at) + 1);
  else if (operator === "=") [found.fromMs, found.toMs] = [later(found.fromMs, at), earlier(found.toMs, at + 1)];
  else throw new InputError("time is compared by >=, >, <, <= or =.");
}

/** A moment in ms: now() with durations added, 'RFC 3339', 1700000000000ms, or nanoseconds as a bare number. */
function readMoment(reader: TokenReader, nowMs: number): number {
  let at = readMomentBase(reader, nowMs);
  for (;;) {
    if (reader.takeSign("-")) at -= reader.durationMs();
    else if (reader.takeSign("+")) at += reader.durationMs();
    else return at;
  }
}

function readMomentBase(reader: TokenReader, nowMs: number): number {
  if (reader.takeWords("now")) {
    reader.expectSign("(");
    reader.expectSign(")");
    return nowMs;
  }
  const { kind } = reader.peek();
  if (kind === "duration") return reader.durationMs();
  if (kind === "number") return Number(reader.next().text) / 1e6;
  const text = reader.expect("string", "a moment: now(), 'RFC 3339' or 1700000000000ms");
  const at = Date.parse(
    /^\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d(\.\d+)?)?)?$/.test(text)
      ? `${text.replace(" ", "T")}${text.length > 10 ? "Z" : ""}`
      : text,
  );
  if (Number.isNaN(at)) throw new InputError(`'${text.slice(0, 40)}' is no moment; write it as 2026-01-31T12:00:00Z.`);
  return at;
}
