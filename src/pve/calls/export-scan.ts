// Reads the points of `metrics/export` straight from the bytes. A large cluster sends a million of them per minute, and
// making an object of each (JSON.parse) costs more than everything that is done with them. The scanner knows the one
// shape that PVE writes, with its keys in any order; at the first byte that it does not expect it gives up, and the body
// is parsed like any other. So whatever it does read, it reads as JSON.parse would.
import { ByteDictionary, endOfString, word } from "./byte-dictionary.ts";
import type { ExportPoints } from "./export-columns.ts";

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const closeBracket = 0x5d;
const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const upperE = 0x45;
const lowerE = 0x65;

/** Bytes of one point at least, with id and metric of one letter: a body cannot hold more points than this lets it. */
const shortestPoint = 56;
/** Powers of ten that a double holds exactly. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** So many digits always make a whole number that a double holds exactly. */
const exactDigits = 15;

const idKey = 1;
const metricKey = 2;
const typeKey = 4;
const valueKey = 8;
const timestampKey = 16;
const everyKey = idKey | metricKey | typeKey | valueKey | timestampKey;

/** undefined when the body is anything but the expected shape; then it has to be parsed. */
export function scanExport(body: Buffer): ExportPoints | undefined {
  try {
    return new ExportScanner(body).scan();
  } catch (error) {
    // Reading four bytes at a time runs over the end of a body that was cut off.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class ExportScanner {
  readonly #body: Buffer;
  readonly #view: DataView;
  readonly #ids: ByteDictionary;
  readonly #metrics: ByteDictionary;
  readonly #idIndex: Uint32Array;
  readonly #metricIndex: Uint32Array;
  readonly #timestampS: Float64Array;
  readonly #value: Float64Array;
  #at = 0;
  #length = 0;

  constructor(body: Buffer) {
    const most = Math.ceil(body.length / shortestPoint);
    this.#body = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.length);
    this.#ids = new ByteDictionary(body, this.#view);
    this.#metrics = new ByteDictionary(body, this.#view);
    this.#idIndex = new Uint32Array(most);
    this.#metricIndex = new Uint32Array(most);
    this.#timestampS = new Float64Array(most);
    this.#value = new Float64Array(most);
  }

  scan(): ExportPoints | undefined {
    if (!this.#literal('{"data":{"data":[') || !this.#points()) return undefined;
    if (!this.#literal("}}") || this.#at !== this.#body.length) return undefined;
    return {
      length: this.#length,
      ids: this.#ids.texts,
      metrics: this.#metrics.texts,
      idIndex: this.#idIndex.subarray(0, this.#length),
      metricIndex: this.#metricIndex.subarray(0, this.#length),
      timestampS: this.#timestampS.subarray(0, this.#length),
      value: this.#value.subarray(0, this.#length),
      malformed: 0,
    };
  }

  #points(): boolean {
    if (this.#body[this.#at] === closeBracket) {
      this.#at++;
      return true;
    }
    for (;;) {
      if (!this.#point()) return false;
      const next = this.#body[this.#at++];
      if (next === closeBracket) return true;
      if (next !== comma) return false;
    }
  }

  /** One object with each of the five keys once, in any order. */
  #point(): boolean {
    const row = this.#length;
    if (this.#body[this.#at++] !== openBrace || row >= this.#value.length) return false;
    let seen = 0;
    do {
      const key = this.#key();
      if (key === 0 || (seen & key) !== 0 || !this.#valueOf(key, row)) return false;
      seen |= key;
    } while (this.#body[this.#at++] === comma);
    this.#length++;
    return seen === everyKey && this.#body[this.#at - 1] === closeBrace;
  }

  /** Passes over `"key":`; 0 when it is none of the five. Four bytes are compared at once, the last ones may overlap. */
  #key(): number {
    const at = this.#at;
    const view = this.#view;
    const begin = view.getUint32(at);
    if (begin === keyWords.value && view.getUint32(at + 4) === keyWords.valueEnd) return this.#past(valueKey, 8);
    if (begin === keyWords.id && view.getUint8(at + 4) === colon) return this.#past(idKey, 5);
    if (begin === keyWords.type && view.getUint32(at + 3) === keyWords.typeEnd) return this.#past(typeKey, 7);
    const middle = view.getUint32(at + 4);
    if (begin === keyWords.metric && middle === keyWords.metricMiddle) {
      return view.getUint8(at + 8) === colon ? this.#past(metricKey, 9) : 0;
    }
    if (begin !== keyWords.timestamp || middle !== keyWords.timestampMiddle) return 0;
    return view.getUint32(at + 8) === keyWords.timestampEnd ? this.#past(timestampKey, 12) : 0;
  }

  #past(key: number, length: number): number {
    this.#at += length;
    return key;
  }

  #valueOf(key: number, row: number): boolean {
    switch (key) {
      case idKey:
        this.#at = this.#ids.take(this.#at);
        this.#idIndex[row] = this.#ids.last;
        return this.#at > 0;
      case metricKey:
        this.#at = this.#metrics.take(this.#at);
        this.#metricIndex[row] = this.#metrics.last;
        return this.#at > 0;
      case typeKey:
        this.#at = this.#endOfType();
        return this.#at > 0;
      default: {
        const value = key === valueKey ? this.#perhapsQuoted() : this.#number();
        (key === valueKey ? this.#value : this.#timestampS)[row] = value;
        return !Number.isNaN(value);
      }
    }
  }

  /** PVE has two types; another one is passed over all the same. */
  #endOfType(): number {
    const at = this.#at;
    const begin = this.#view.getUint32(at);
    if (begin === typeWords.gauge && this.#view.getUint32(at + 3) === typeWords.gaugeEnd) return at + 7;
    if (begin === typeWords.derive && this.#view.getUint32(at + 4) === typeWords.deriveEnd) return at + 8;
    return endOfString(this.#body, at);
  }

  /** Perl writes a number that was once used as text with quotes around it. */
  #perhapsQuoted(): number {
    if (this.#body[this.#at] !== quote) return this.#number();
    this.#at++;
    const value = this.#number();
    return this.#body[this.#at++] === quote ? value : Number.NaN;
  }

  /** Passes over a number as JSON has it; NaN when there is none. */
  #number(): number {
    const body = this.#body;
    const from = this.#at;
    const negative = body[from] === minus;
    const first = negative ? from + 1 : from;
    let at = first;
    let mantissa = 0;
    let byte = body[at] ?? 0;
    for (; byte >= zero && byte <= nine; byte = body[++at] ?? 0) mantissa = mantissa * 10 + (byte - zero);
    let digits = at - first;
    if (digits === 0 || (digits > 1 && body[first] === zero)) return Number.NaN;
    let exponent = 0;
    if (byte === point) {
      const fraction = ++at;
      byte = body[at] ?? 0;
      for (; byte >= zero && byte <= nine; byte = body[++at] ?? 0) mantissa = mantissa * 10 + (byte - zero);
      exponent = fraction - at;
      if (exponent === 0) return Number.NaN;
      digits -= exponent;
    }
    this.#at = at;
    if (byte === lowerE || byte === upperE) exponent += this.#exponent();
    if (digits <= exactDigits && exponent >= -22 && exponent <= 22) {
      // Mantissa and power are exact, so one rounding gives what the whole numeral would (Clinger, PLDI 1990).
      const scale = powersOfTen[Math.abs(exponent)] ?? 1;
      const value = exponent < 0 ? mantissa / scale : mantissa * scale;
      return negative ? -value : value;
    }
    const value = Number(body.toString("latin1", from, this.#at));
    return Number.isFinite(value) ? value : Number.NaN;
  }

  /** Passes over `e-05`; NaN when there are no digits. */
  #exponent(): number {
    const body = this.#body;
    let at = this.#at + 1;
    const sign = body[at];
    if (sign === minus || sign === plus) at++;
    const first = at;
    let power = 0;
    for (let byte = body[at] ?? 0; byte >= zero && byte <= nine; byte = body[++at] ?? 0) {
      power = power * 10 + (byte - zero);
    }
    this.#at = at;
    if (at === first) return Number.NaN;
    return sign === minus ? -power : power;
  }

  #literal(text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      if (this.#body[this.#at + index] !== text.charCodeAt(index)) return false;
    }
    this.#at += text.length;
    return true;
  }
}

const keyWords = {
  id: word('"id"'),
  metric: word('"met'),
  metricMiddle: word('ric"'),
  type: word('"typ'),
  typeEnd: word('pe":'),
  value: word('"val'),
  valueEnd: word('ue":'),
  timestamp: word('"tim'),
  timestampMiddle: word("esta"),
  timestampEnd: word('mp":'),
} as const;

const typeWords = {
  gauge: word('"gau'),
  gaugeEnd: word('uge"'),
  derive: word('"der'),
  deriveEnd: word('ive"'),
} as const;
