// Durations ("10s", "14d") and sizes ("1GiB") as people write them in the configuration.

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };
const bytesOf: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

export const durationPattern = /^(\d{1,9}(?:\.\d{1,3})?)(s|m|h|d|w|y)$/;
export const sizePattern = /^(\d{1,9}(?:\.\d{1,3})?) ?([KMGT]i?B|B)$/;

/** Seconds; undefined when the text is no duration. A year is 365 days. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(durationPattern, secondsOf, text);
}

/** Bytes, rounded down; undefined when the text is no size. */
export function parseSize(text: string): number | undefined {
  const bytes = parseQuantity(sizePattern, bytesOf, text);
  return bytes === undefined ? undefined : Math.floor(bytes);
}

/** Whole seconds in the largest unit that holds them evenly: 3600 is "1h". */
export function printDuration(seconds: number): string {
  const unit = (["d", "h", "m"] as const).find((name) => seconds % (secondsOf[name] ?? 1) === 0) ?? "s";
  return `${seconds / (secondsOf[unit] ?? 1)}${unit}`;
}

function parseQuantity(pattern: RegExp, units: Readonly<Record<string, number>>, text: string): number | undefined {
  const [, amount, unit] = pattern.exec(text) ?? [];
  const factor = units[unit ?? ""];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
