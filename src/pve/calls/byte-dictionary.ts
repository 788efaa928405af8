// Numbers for the texts in a body of bytes, without making a string of each: the same few hundred ids and names stand in
// it tens of thousands of times.

const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;

/** Four bytes as the number that a DataView reads. */
export const word = (text: string): number => Buffer.from(text).readUInt32BE();

/** Where the string that begins at `at` ends, one past its closing quote; 0 when it has escapes or is cut off. */
export function endOfString(body: Buffer, at: number): number {
  if (body[at] !== quote) return 0;
  for (let end = at + 1; end < body.length; end++) {
    const byte = body[end] ?? 0;
    if (byte === quote) return end + 1;
    if (byte === backslash || byte < firstPrintable) return 0;
  }
  return 0;
}

/** Texts follow each other as they did before, so the last one and what followed it are compared first, as bytes. */
export class ByteDictionary {
  /** By number. */
  readonly texts: string[] = [];
  /** Number of the text that was taken last. */
  last = 0;
  readonly #body: Buffer;
  readonly #view: DataView;
  readonly #numbers = new Map<string, number>();
  /** Where a text stood first, from its opening quote to one past the closing one. */
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  readonly #follower: number[] = [];

  /** `view` is over the bytes of `body`. */
  constructor(body: Buffer, view: DataView) {
    this.#body = body;
    this.#view = view;
  }

  /** Takes the string that begins at `at`: its number is `last` then. Answers where it ends; 0 when it has to be parsed. */
  take(at: number): number {
    const end = this.#endIf(this.last, at);
    if (end > 0) return end;
    const follower = this.#follower[this.last] ?? 0;
    const followerEnd = this.#endIf(follower, at);
    if (followerEnd > 0) {
      this.last = follower;
      return followerEnd;
    }
    const unknownEnd = endOfString(this.#body, at);
    if (unknownEnd > 0) this.#lookUp(at, unknownEnd);
    return unknownEnd;
  }

  /** The end of the string at `at` if it is this text, else 0. Its last bytes come first, because ids differ there. */
  #endIf(number: number, at: number): number {
    const view = this.#view;
    const from = this.#from[number] ?? 0;
    const length = (this.#to[number] ?? 0) - from;
    const last = length - 4;
    if (last < 0 || at + length > view.byteLength) return 0;
    if (view.getUint32(at + last) !== view.getUint32(from + last)) return 0;
    for (let index = 0; index < last; index += 4) {
      if (view.getUint32(at + index) !== view.getUint32(from + index)) return 0;
    }
    return at + length;
  }

  #lookUp(from: number, to: number): void {
    const text = this.#body.toString("utf8", from + 1, to - 1);
    const known = this.#numbers.get(text);
    const number = known ?? this.texts.length;
    if (known === undefined) {
      this.#numbers.set(text, number);
      this.texts.push(text);
      this.#from.push(from);
      this.#to.push(to);
      this.#follower.push(0);
    }
    this.#follower[this.last] = number;
    this.last = number;
  }
}
