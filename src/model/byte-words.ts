// Sizes as people read them: IEC units, 1 KiB = 1024 B.

const iecUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/** `14.7 MiB`, `512 B`; one decimal below 100, none above, so that a column keeps its width. */
export const formatBytes = (bytes: number): string => inWords(bytes, (value) => (value < 99.95 ? 1 : 0));

/** `3.34 TiB`, three digits: in a sentence two values have to look different when they are. */
export const preciseBytes = (bytes: number): string =>
  inWords(bytes, (value) => (value < 9.995 ? 2 : value < 99.95 ? 1 : 0));

function inWords(bytes: number, digitsOf: (value: number) => number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  // 1023.95 would print as "1024" of the smaller unit.
  while (value >= 1023.5 && unit < iecUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${bytes < 0 ? "−" : ""}${value.toFixed(unit === 0 ? 0 : digitsOf(value))} ${iecUnits[unit] ?? "B"}`;
}
