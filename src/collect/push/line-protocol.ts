// InfluxDB's line protocol, as far as metric servers of Proxmox VE and their kin write it:
//
//   measurement[,tag=value…] field=value[,field=value…] timestamp
//
// A line that is wrong costs that line. Every part has a bound, so that no body can make us work without end.
import type { PushPrecision } from "../../model/push.ts";

export type FieldValue = number | string | boolean;

export interface LinePoint {
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** Milliseconds since the epoch. */
  readonly ts: number;
}

export interface ReadLines {
  /** Lines with something in them that is no comment. */
  readonly lines: number;
  readonly refused: number;
  /** What is wrong with the first line that was refused: "Line 3: …". */
  readonly firstFault: string | null;
}

const mostLines = 1_000_000;
const longestLine = 65_536;
const mostTags = 32;
const mostFields = 1_000;

const perMs: Readonly<Record<PushPrecision, number>> = { ns: 1e6, us: 1e3, ms: 1, s: 1e-3 };

/** Reads the lines of a body and hands each on; what it says of a line's fault never repeats more than a few letters of it. */
export function readLines(text: string, precision: PushPrecision, point: (point: LinePoint) => void): ReadLines {
  let number = 0;
  let lines = 0;
  let refused = 0;
  let firstFault: string | null = null;
  for (let from = 0; from < text.length; ) {
    const newline = text.indexOf("\n", from);
    const to = newline < 0 ? text.length : newline;
    number += 1;
    const result = number > mostLines ? tooMany : readLine(text, from, to, precision);
    from = to + 1;
    if (result === null) continue;
    lines += 1;
    if (typeof result !== "string") point(result);
    else {
      refused += 1;
      firstFault ??= `Line ${number}: ${result}.`;
      if (number > mostLines) break;
    }
  }
  return { lines, refused, firstFault };
}

const tooMany = `a body has at most ${mostLines} lines, and the rest of this one is left out`;

/** A point, what is wrong, or null for a line that says nothing. */
function readLine(text: string, from: number, end: number, precision: PushPrecision): LinePoint | string | null {
  const to = text.charCodeAt(end - 1) === carriageReturn && end > from ? end - 1 : end;
  if (from >= to || text.charCodeAt(from) === hash) return null;
  if (to - from > longestLine) return `it is longer than ${longestLine} characters`;
  return new LineReader(text.slice(from, to)).read(precision);
}

const hash = 0x23;
const carriageReturn = 0x0d;

class LineReader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  read(precision: PushPrecision): LinePoint | string {
    const measurement = this.#name(", ");
    if (measurement === "") return "the measurement's name is missing";
    const tags = new Map<string, string>();
    while (this.#skip(",")) {
      const key = this.#name("=, ");
      if (key === "" || !this.#skip("=")) return `tag ${shown(key)} has no value`;
      const value = this.#name(", ");
      if (value === "") return `tag ${shown(key)} has no value`;
      if (tags.size === mostTags) return `it has more than ${mostTags} tags`;
      tags.set(key, value);
    }
    if (!this.#skip(" ")) return "the fields are missing";
    const fields = this.#fields();
    if (typeof fields === "string") return fields;
    const time = this.#line.slice(this.#at).trim();
    if (time === "") return "the time is missing";
    const ts = timeOf(time, precision);
    return ts === undefined ? `${shown(time)} is no time in ${precision}` : { measurement, tags, fields, ts };
  }

  #fields(): Map<string, FieldValue> | string {
    const fields = new Map<string, FieldValue>();
    do {
      const key = this.#name("=, ");
      if (key === "" || !this.#skip("=")) return `field ${shown(key)} has no value`;
      const value = this.#line[this.#at] === '"' ? this.#quoted() : this.#bare();
      if (value === undefined) return `the value of field ${shown(key)} is no number, text or boolean`;
      if (fields.size === mostFields) return `it has more than ${mostFields} fields`;
      fields.set(key, value);
    } while (this.#skip(","));
    return fields;
  }

  /** Up to one of `ends`; a backslash takes the meaning from `,`, `=` and white space. */
  #name(ends: string): string {
    const line = this.#line;
    const from = this.#at;
    let escaped = false;
    for (; this.#at < line.length; this.#at++) {
      const letter = line[this.#at] ?? "";
      if (letter === "\\" && ",= \t".includes(line[this.#at + 1] ?? "x")) {
        escaped = true;
        this.#at++;
      } else if (ends.includes(letter)) break;
    }
    const name = line.slice(from, this.#at);
    return escaped ? name.replaceAll(/\\([,= \t])/g, "$1") : name;
  }

  /** undefined when it does not end. */
  #quoted(): string | undefined {
    const line = this.#line;
    const from = this.#at + 1;
    for (let at = from; at < line.length; at++) {
      if (line[at] === "\\") at++;
      else if (line[at] === '"') {
        this.#at = at + 1;
        return line.slice(from, at).replaceAll(/\\(["\\])/g, "$1");
      }
    }
    return undefined;
  }

  #bare(): FieldValue | undefined {
    const rest = this.#line.slice(this.#at);
    const end = rest.search(/[, ]/);
    const text = end < 0 ? rest : rest.slice(0, end);
    this.#at += text.length;
    return bareValue(text);
  }

  #skip(letter: string): boolean {
    if (this.#line[this.#at] !== letter) return false;
    this.#at += 1;
    return true;
  }
}

const numeric = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const whole = /^[+-]?\d+[iu]$/;

function bareValue(text: string): FieldValue | undefined {
  if (numeric.test(text)) return finite(Number(text));
  if (whole.test(text)) return finite(Number(text.slice(0, -1)));
  if (/^(t|T|true|True|TRUE)$/.test(text)) return true;
  return /^(f|F|false|False|FALSE)$/.test(text) ? false : undefined;
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

/** Milliseconds; undefined for what is no time after 2000 and before 2100, which a wrong precision is found by. */
function timeOf(text: string, precision: PushPrecision): number | undefined {
  if (!/^\d{1,20}$/.test(text)) return undefined;
  return checkedTime(Number(text) / perMs[precision]);
}

/** Whole milliseconds; undefined for what is no time after 2000 and before 2100. */
export function checkedTime(ms: number): number | undefined {
  return ms > 946_684_800_000 && ms < 4_102_444_800_000 ? Math.round(ms) : undefined;
}

/** What was sent may be anything: a few letters of it, none of which does anything on a terminal. */
export const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
