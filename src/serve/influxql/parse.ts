// InfluxQL → statements, by hand and small: the closed grammar of query.ts. Everything else is refused with a sentence
// that names what is supported. Nothing of the text goes into another language later on.
import { InputError } from "../../lib/errors.ts";
import { readConditions, readPattern } from "./conditions.ts";
import {
  type AggregateName,
  aggregateNames,
  type Column,
  type Expression,
  type Fill,
  type Select,
  type Show,
  type Statement,
} from "./query.ts";
import { TokenReader } from "./token-reader.ts";

const mostStatements = 20;
const mostColumns = 50;
const deepestBrackets = 12;

export const supported =
  "Supported: SELECT mean|min|max|sum|count|first|last|median(field), percentile(field, n), with + - * /, FROM a measurement or one subquery, WHERE time and tags joined by AND, GROUP BY time(interval, offset) and tags, fill(null|none|previous|linear|number), ORDER BY time, LIMIT; SHOW DATABASES, MEASUREMENTS, TAG KEYS, TAG VALUES, FIELD KEYS, RETENTION POLICIES.";

/** The statements of a query, which `;` separates. Throws an InputError. */
export function parseQuery(query: string, nowMs: number): readonly Statement[] {
  const reader = new TokenReader(query);
  const statements: Statement[] = [];
  while (reader.peek().kind !== "end") {
    statements.push(readStatement(reader, nowMs));
    if (statements.length > mostStatements) throw new InputError(`A query has at most ${mostStatements} statements.`);
    if (!reader.takeSign(";") && reader.peek().kind !== "end") throw reader.unexpected("; or the end");
  }
  if (statements.length === 0) throw new InputError(`The query is empty. ${supported}`);
  return statements;
}

function readStatement(reader: TokenReader, nowMs: number): Statement {
  if (reader.takeWords("select")) return readSelect(reader, nowMs, 0);
  if (reader.takeWords("show")) return readShow(reader, nowMs);
  throw new InputError(`${reader.unexpected("SELECT or SHOW").message} ${supported}`);
}

function readSelect(reader: TokenReader, nowMs: number, depth: number): Select {
  const columns = readColumns(reader);
  reader.expectWords("from");
  const from = readSource(reader, nowMs, depth);
  const { tags, time } = readConditions(reader, nowMs);
  const group = readGroupBy(reader);
  const fill = readFill(reader);
  const descending = readOrder(reader);
  const limit = readLimit(reader);
  return { type: "select", columns: named(columns), from, tags, time, ...group, fill, descending, limit };
}

function readSource(reader: TokenReader, nowMs: number, depth: number): string | Select {
  if (!reader.takeSign("(")) return readMeasurement(reader);
  if (depth > 0) throw new InputError("A subquery cannot have a subquery of its own here.");
  reader.expectWords("select");
  const inner = readSelect(reader, nowMs, depth + 1);
  reader.expectSign(")");
  return inner;
}

/** "database"."retention policy"."measurement": only the last part says something here. */
function readMeasurement(reader: TokenReader): string {
  let name = reader.name("a measurement");
  while (reader.takeSign(".")) {
    if (reader.peek().text === "." && reader.peek().kind === "sign") continue;
    name = reader.name("a measurement");
  }
  return name;
}

interface UnnamedColumn {
  readonly alias: string | null;
  readonly expression: Expression;
}

function readColumns(reader: TokenReader): readonly UnnamedColumn[] {
  const columns: UnnamedColumn[] = [];
  do {
    const expression = readExpression(reader, 0);
    columns.push({ expression, alias: reader.takeWords("as") ? reader.name("an alias") : null });
  } while (reader.takeSign(","));
  if (columns.length > mostColumns) throw new InputError(`A SELECT has at most ${mostColumns} columns.`);
  return columns;
}

/** InfluxDB calls a column after its function, and repeated ones mean, mean_1, mean_2. */
function named(columns: readonly UnnamedColumn[]): readonly Column[] {
  const seen = new Map<string, number>();
  return columns.map(({ alias, expression }) => {
    const base = alias ?? nameOf(expression);
    const before = seen.get(base) ?? 0;
    seen.set(base, before + 1);
    return { name: before === 0 ? base : `${base}_${before}`, expression };
  });
}

function nameOf(expression: Expression): string {
  switch (expression.type) {
    case "aggregate":
      return expression.name;
    case "field":
      return expression.field;
    case "number":
      return "value";
    case "operation":
      return (
        [nameOf(expression.left), nameOf(expression.right)].filter((name) => name !== "value").join("_") || "value"
      );
  }
}

function readExpression(reader: TokenReader, depth: number): Expression {
  let left = readProduct(reader, depth);
  for (;;) {
    if (reader.takeSign("+")) left = { type: "operation", operator: "+", left, right: readProduct(reader, depth) };
    else if (reader.takeSign("-")) left = { type: "operation", operator: "-", left, right: readProduct(reader, depth) };
    else return left;
  }
}

function readProduct(reader: TokenReader, depth: number): Expression {
  let left = readFactor(reader, depth);
  for (;;) {
    if (reader.takeSign("*")) left = { type: "operation", operator: "*", left, right: readFactor(reader, depth) };
    else if (reader.takeSign("/")) left = { type: "operation", operator: "/", left, right: readFactor(reader, depth) };
    else return left;
  }
}

function readFactor(reader: TokenReader, depth: number): Expression {
  if (depth > deepestBrackets) throw new InputError("The brackets are nested too deeply.");
  if (reader.takeSign("-")) {
    const right = readFactor(reader, depth + 1);
    return { type: "operation", operator: "-", left: { type: "number", value: 0 }, right };
  }
  if (reader.takeSign("(")) {
    const inner = readExpression(reader, depth + 1);
    reader.expectSign(")");
    return inner;
  }
  if (reader.peek().kind === "number") return { type: "number", value: Number(reader.next().text) };
  const isCall = reader.peek().kind === "word" && reader.peek(1).kind === "sign" && reader.peek(1).text === "(";
  return isCall ? readAggregate(reader) : { type: "field", field: reader.name("a field or a function") };
}

function readAggregate(reader: TokenReader): Expression {
  const name = reader.next().text.toLowerCase();
  if (!isAggregate(name)) throw new InputError(`There is no function ${name}() here. ${supported}`);
  reader.expectSign("(");
  const field = reader.name("a field");
  const percent = name === "percentile" ? readPercent(reader) : null;
  reader.expectSign(")");
  return { type: "aggregate", name, field, percent };
}

const isAggregate = (name: string): name is AggregateName => aggregateNames.some((known) => known === name);

function readPercent(reader: TokenReader): number {
  reader.expectSign(",");
  const percent = Number(reader.expect("number", "a percentage"));
  if (!(percent > 0 && percent <= 100)) throw new InputError("A percentile is above 0 and at most 100.");
  return percent;
}

function readGroupBy(reader: TokenReader): Pick<Select, "groupByMs" | "offsetMs" | "groupByTags"> {
  const groupByTags: string[] = [];
  let interval: { groupByMs: number; offsetMs: number } | null = null;
  if (reader.takeWords("group", "by")) {
    do {
      const isTime = reader.peek().text.toLowerCase() === "time" && reader.peek(1).text === "(";
      if (isTime && interval === null) interval = readInterval(reader);
      else groupByTags.push(reader.name("time(…) or a tag"));
    } while (reader.takeSign(","));
  }
  return { groupByMs: null, offsetMs: 0, ...interval, groupByTags };
}

function readInterval(reader: TokenReader): { groupByMs: number; offsetMs: number } {
  reader.next();
  reader.expectSign("(");
  const groupByMs = reader.durationMs();
  let offsetMs = 0;
  if (reader.takeSign(",")) offsetMs = reader.takeSign("-") ? -reader.durationMs() : reader.durationMs();
  reader.expectSign(")");
  if (!(groupByMs >= 1_000)) throw new InputError("GROUP BY time takes an interval of a second at least.");
  return { groupByMs, offsetMs };
}

function readFill(reader: TokenReader): Fill {
  if (!reader.takeWords("fill")) return "null";
  reader.expectSign("(");
  const fill = readFillValue(reader);
  reader.expectSign(")");
  return fill;
}

function readFillValue(reader: TokenReader): Fill {
  for (const word of ["null", "none", "previous", "linear"] as const) if (reader.takeWords(word)) return word;
  const sign = reader.takeSign("-") ? -1 : 1;
  if (reader.peek().kind === "number") return sign * Number(reader.next().text);
  throw reader.unexpected("null, none, previous, linear or a number");
}

function readOrder(reader: TokenReader): boolean {
  if (!reader.takeWords("order", "by", "time")) return false;
  if (reader.takeWords("desc")) return true;
  reader.takeWords("asc");
  return false;
}

const readLimit = (reader: TokenReader): number | null =>
  reader.takeWords("limit") ? reader.wholeNumber("LIMIT") : null;

function readShow(reader: TokenReader, nowMs: number): Show {
  if (reader.takeWords("databases")) return { type: "show-databases" };
  if (reader.takeWords("retention", "policies")) {
    if (reader.takeWords("on")) reader.name("a database");
    return { type: "show-retention-policies" };
  }
  const passOver = (): void => {
    if (reader.takeWords("on")) reader.name("a database");
  };
  if (reader.takeWords("measurements")) {
    passOver();
    return { type: "show-measurements", pattern: readWithMeasurement(reader), limit: readLimit(reader) };
  }
  if (reader.takeWords("tag", "keys")) {
    passOver();
    return { type: "show-tag-keys", from: readFrom(reader) };
  }
  if (reader.takeWords("field", "keys")) {
    passOver();
    return { type: "show-field-keys", from: readFrom(reader) };
  }
  if (!reader.takeWords("tag", "values"))
    throw new InputError(`${reader.unexpected("a list to show").message} ${supported}`);
  passOver();
  return readTagValues(reader, nowMs);
}

/** What Grafana's editor asks while somebody types a name. */
function readWithMeasurement(reader: TokenReader): string | null {
  if (!reader.takeWords("with", "measurement")) return null;
  if (!reader.takeSign("=~")) throw reader.unexpected("=~ and a pattern");
  return readPattern(reader);
}

const readFrom = (reader: TokenReader): string | null => (reader.takeWords("from") ? readMeasurement(reader) : null);

function readTagValues(reader: TokenReader, nowMs: number): Show {
  const from = readFrom(reader);
  reader.expectWords("with", "key");
  reader.expectSign("=");
  const key = reader.name("a tag");
  const { tags } = readConditions(reader, nowMs);
  return { type: "show-tag-values", from, key, tags, limit: readLimit(reader) };
}
