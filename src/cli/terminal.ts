// What a command says and asks: data on stdout, messages on stderr, answers from stdin. Colours only where a person
// looks; questions only where one may be asked.
import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import { UsageError } from "../lib/errors.ts";
import { Secret } from "../lib/secret.ts";

type Style = "bold" | "dim" | "red" | "green" | "yellow";
const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface TerminalRules {
  /** False: a question is an error that names the flag. */
  readonly mayAsk: boolean;
  readonly json: boolean;
  readonly color: boolean;
}

/** NO_COLOR and TERM=dumb mean what they mean elsewhere. */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

export class Terminal {
  readonly json: boolean;
  readonly #streams: TerminalStreams;
  readonly #rules: TerminalRules;
  #piped: { readonly lines: AsyncIterator<string>; readonly reader: Interface } | undefined;

  constructor(streams: TerminalStreams, rules: TerminalRules) {
    this.#streams = streams;
    this.#rules = rules;
    this.json = rules.json;
  }

  /** A line of data. */
  out(line: string): void {
    this.#streams.stdout.write(`${line}\n`);
  }

  data(value: unknown): void {
    this.out(JSON.stringify(value, null, 2));
  }

  /** A line for the person. */
  note(line = ""): void {
    this.#streams.stderr.write(`${line}\n`);
  }

  style(style: Style, text: string): string {
    const [on, off] = codes[style];
    return this.#rules.color ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }

  /** Asks one question; `flag` is what answers it without asking. Throws a UsageError where no one can answer. */
  async ask(question: string, flag: string): Promise<string> {
    return this.#answer(question, flag, false);
  }

  /** The same without showing what is typed. */
  async askSecret(question: string, flag: string): Promise<Secret> {
    return new Secret(await this.#answer(question, flag, true));
  }

  async confirm(question: string, flag: string): Promise<boolean> {
    const answer = await this.ask(`${question} [y/N]`, flag);
    return /^(y|yes)$/i.test(answer);
  }

  close(): void {
    this.#piped?.reader.close();
  }

  async #answer(question: string, flag: string, hidden: boolean): Promise<string> {
    if (!this.#rules.mayAsk) throw new UsageError(`${flag} is needed where nobody can be asked.`);
    this.#streams.stderr.write(`${question} `);
    const line = this.#streams.stdin.isTTY ? await this.#typed(hidden) : await this.#pipedLine();
    if (line === undefined) throw new UsageError(`The input ended before "${question}" was answered; give ${flag}.`);
    return line.trim();
  }

  #typed(hidden: boolean): Promise<string | undefined> {
    const { stdin, stderr } = this.#streams;
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const reader = createInterface({ input: stdin, output: hidden ? silent : stderr, terminal: true });
    return new Promise((resolve) => {
      let answer: string | undefined;
      reader.once("line", (line) => {
        answer = line;
        reader.close();
      });
      reader.once("SIGINT", () => reader.close());
      reader.once("close", () => {
        if (hidden || answer === undefined) this.note();
        resolve(answer);
      });
    });
  }

  async #pipedLine(): Promise<string | undefined> {
    if (this.#piped === undefined) {
      const reader = createInterface({ input: this.#streams.stdin });
      this.#piped = { reader, lines: reader[Symbol.asyncIterator]() };
    }
    const next = await this.#piped.lines.next();
    this.note();
    return next.done === true ? undefined : next.value;
  }
}

/** Columns padded to their widest cell. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
